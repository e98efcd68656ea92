"""`python -m tests.bench.static FOLDER`: its files under /cdn/, by sendfile, a thread for each connection."""

import re
import socket
import sys
import threading
from pathlib import Path

WANTED = re.compile(rb"GET /cdn/([\w.]+) HTTP/1\.1\r\n")
FROM = re.compile(rb"\r\nrange: *bytes=(\d+)-\r\n", re.IGNORECASE)


def serve(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=100) as listener:
        print(f"READY http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=_answer, args=(connection, folder), daemon=True).start()


def _answer(connection: socket.socket, folder: Path) -> None:
    with connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while head := _head(connection):
            wanted, start = WANTED.match(head), FROM.search(head)
            if wanted is None:
                return
            try:
                _send(connection, folder / wanted[1].decode(), int(start[1]) if start else 0)
            except (BrokenPipeError, ConnectionResetError):
                return


def _head(connection: socket.socket) -> bytes:
    head = b""
    while b"\r\n\r\n" not in head:
        more = connection.recv(65536)
        if not more:
            return b""
        head += more
    return head


def _send(connection: socket.socket, path: Path, start: int) -> None:
    with path.open("rb") as file:
        size = path.stat().st_size
        status = (
            f"206 Partial Content\r\nContent-Range: bytes {start}-{size - 1}/{size}" if start else "200 OK"
        )
        head = (
            f"HTTP/1.1 {status}\r\nContent-Type: video/mp4\r\nContent-Length: {size - start}\r\n"
            f'ETag: "{path.name}"\r\nAccept-Ranges: bytes\r\n\r\n'
        )
        connection.sendall(head.encode())
        connection.sendfile(file, start)


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
