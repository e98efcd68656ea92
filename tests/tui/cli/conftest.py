"""One home for each test, and one real sandbox for all of them."""

import json
import signal
import subprocess
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.tui.cli.script import LIMIT, Reelroom


@pytest.fixture
def reelroom(tmp_path: Path) -> Reelroom:
    """Without a key, and with nothing kept yet."""
    return Reelroom(tmp_path / "home")


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The base URL of a fast sandbox."""
    home = Reelroom(tmp_path_factory.mktemp("sandbox"))
    process = home.start("sandbox", "--speed", "0.05", stderr=subprocess.DEVNULL)
    assert process.stdout is not None
    try:
        line = process.stdout.readline().decode()
        assert line.startswith("READY http://127.0.0.1:")
        yield line.split()[1]
    finally:
        process.send_signal(signal.SIGTERM)
        code = process.wait(LIMIT)
        process.stdout.close()
    assert code == 0


@pytest.fixture
def there(reelroom: Reelroom, sandbox: str) -> Reelroom:
    """With the fast sandbox in the place of FAL."""
    return reelroom.at(REELROOM_FAL_URL=sandbox)


@pytest.fixture
def pace(sandbox: str) -> Iterator[Callable[..., None]]:
    """Makes the sandbox slow, and the usual again at the end."""

    def put(**times: float) -> None:
        body = json.dumps(times).encode()
        request = urllib.request.Request(f"{sandbox}/sandbox/pace", body, method="PUT")
        with urllib.request.urlopen(request, timeout=10) as answer:
            assert answer.status < 300

    yield put
    put()


@pytest.fixture
def scenario(sandbox: str) -> Iterator[Callable[[dict[str, object]], None]]:
    """Has the sandbox follow a scenario, until the end of the test."""
    address = f"{sandbox}/sandbox/scenario"

    def put(document: dict[str, object]) -> None:
        request = urllib.request.Request(address, json.dumps(document).encode(), method="PUT")
        with urllib.request.urlopen(request, timeout=10) as answer:
            assert answer.status < 300

    yield put
    with urllib.request.urlopen(urllib.request.Request(address, method="DELETE"), timeout=10) as answer:
        assert answer.status < 300
