"""A server on 127.0.0.1 that says exactly the bytes a test wants, as slowly as it wants."""

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

Script = Callable[[socket.socket], None]


@dataclass
class Loopback:
    """Answers connection after connection by script; the last script answers all further ones."""

    scripts: Sequence[Script]
    requests: list[bytes] = field(default_factory=list)
    url: str = ""

    def serve(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with connection:
            connection.settimeout(5)
            try:
                request = _read_request(connection)
                self.requests.append(request)
                number = min(len(self.requests), len(self.scripts)) - 1
                self.scripts[number](connection)
            except OSError:
                return


def _read_request(connection: socket.socket) -> bytes:
    received = b""
    while b"\r\n\r\n" not in received:
        chunk = connection.recv(65536)
        if not chunk:
            raise OSError("closed")
        received += chunk
    head, _, body = received.partition(b"\r\n\r\n")
    length = next(
        (
            int(line.split(b":")[1])
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length:")
        ),
        0,
    )
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


@contextmanager
def loopback(*scripts: Script) -> Iterator[Loopback]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = Loopback(scripts)
        server.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        waiting = threading.Thread(target=server.serve, args=(listener,), daemon=True)
        waiting.start()
        try:
            yield server
        finally:
            listener.shutdown(socket.SHUT_RDWR)  # closing alone leaves an accept that is under way
            waiting.join()


def says(status: int, body: bytes, *headers: str, kind: str = "application/json") -> Script:
    """A whole answer that closes the connection."""
    lines = [
        f"HTTP/1.1 {status} X",
        f"Content-Type: {kind}",
        f"Content-Length: {len(body)}",
        "Connection: close",
        *headers,
    ]
    payload = "\r\n".join(lines).encode() + b"\r\n\r\n" + body
    return lambda connection: connection.sendall(payload)


def drips(start: bytes, unit: bytes, *, every_s: float) -> Script:
    """`start` at once, then `unit` again and again until the client has gone."""

    def script(connection: socket.socket) -> None:
        connection.sendall(start)
        while True:
            connection.sendall(unit)
            time.sleep(every_s)

    return script


def resets(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def is_silent(connection: socket.socket) -> None:
    time.sleep(5)
