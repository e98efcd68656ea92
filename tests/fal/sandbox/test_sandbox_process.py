import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from .conftest import SMALL, TEXT

PROGRAM = """
import sys
from pathlib import Path
from reelroom.fal.sandbox.serve import serve
serve(state=Path(sys.argv[1]), port=int(sys.argv[2]), speed=0.05, attached=sys.argv[3] == "attached",
      announce=lambda line: print(line, flush=True))
"""


@contextmanager
def sandbox(state: Path, port: int = 0, how: str = "attached") -> Iterator[tuple[subprocess.Popen[str], str]]:
    command = [sys.executable, "-c", PROGRAM, str(state), str(port), how]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            ready = process.stdout.readline().split()
            assert ready[0] == "READY"
            yield process, ready[1]
        finally:
            process.kill()


def until(answer: Callable[[], bool], seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not answer():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_it_is_ready_when_it_says_so_and_ends_with_its_parents_pipe(tmp_path: Path) -> None:
    with sandbox(tmp_path) as (process, base):
        assert base.startswith("http://127.0.0.1:")
        assert httpx.get(f"{base}/sandbox").json()["sandbox"] == "reelroom"
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(5) == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly_even_while_it_works(tmp_path: Path, number: signal.Signals) -> None:
    with sandbox(tmp_path, how="alone") as (process, base):
        httpx.put(f"{base}/sandbox/pace", json={"queue_s": 0, "run_s": 60})
        httpx.post(f"{base}/queue/{TEXT}", json=SMALL | {"duration": 30, "resolution": "1080p"})
        process.send_signal(number)
        assert process.wait(5) == 0


def test_without_a_parent_it_does_not_end_with_its_input(tmp_path: Path) -> None:
    with sandbox(tmp_path, how="alone") as (process, base):
        assert process.stdin is not None
        process.stdin.close()
        time.sleep(0.3)
        assert process.poll() is None
        assert httpx.get(f"{base}/sandbox").status_code == 200


def test_a_kill_loses_no_request(tmp_path: Path) -> None:
    with sandbox(tmp_path) as (process, base):
        httpx.put(f"{base}/sandbox/pace", json={"queue_s": 0, "run_s": 1})
        ticket = httpx.post(f"{base}/queue/{TEXT}", json=SMALL).json()
        until(lambda: httpx.get(ticket["status_url"]).json()["status"] == "IN_PROGRESS")
        port = httpx.URL(base).port
        assert port
        os.kill(process.pid, signal.SIGKILL)
        process.wait(5)
    with sandbox(tmp_path, port) as (_, base):
        until(lambda: httpx.get(ticket["status_url"]).json()["status"] == "COMPLETED")
        video = httpx.get(ticket["response_url"]).json()["video"]
        assert len(httpx.get(video["url"]).content) == video["file_size"]
        assert [entry["posts"] for entry in httpx.get(f"{base}/sandbox/ledger").json()["submits"]] == [1]


def test_a_port_that_is_taken_is_said_in_a_sentence(tmp_path: Path) -> None:
    with sandbox(tmp_path / "a") as (_, base):
        port = str(httpx.URL(base).port)
        command = [sys.executable, "-c", PROGRAM, str(tmp_path / "b"), port, "alone"]
        second = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
        assert second.returncode != 0
        assert f"The sandbox cannot listen on 127.0.0.1:{port}" in second.stderr


def test_a_reset_is_a_real_one_and_the_submit_before_it_is_counted(tmp_path: Path) -> None:
    with sandbox(tmp_path) as (_, base):
        rules = {"rule": [{"step": "submit", "cut": "after"}]}
        httpx.put(f"{base}/sandbox/scenario", json=rules).raise_for_status()
        place = httpx.URL(base)
        assert place.port
        with socket.create_connection((place.host, place.port), timeout=10) as raw:
            raw.sendall(b"POST /queue/a/b HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{}")
            with pytest.raises(ConnectionResetError):
                raw.recv(100)
        (entry,) = httpx.get(f"{base}/sandbox/ledger").json()["submits"]
        assert entry["endpoint"] == "a/b"
