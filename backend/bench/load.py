"""A small HTTP load generator: keep-alive connections, one request at a time on each, no pipelining.

    python load.py PORT SECONDS CONNECTIONS FILE      FILE: one path per line

Prints {"requests", "seconds", "latencies_ms" (quantiles), "failures"} as JSON. It runs in a process
of its own and does nothing but write requests and find the ends of answers.
"""

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import cast

import uvloop


class _Connection(asyncio.Protocol):
    def __init__(self, run: "_Run", number: int) -> None:
        self._run = run
        self._next = number
        self._left = -1
        self._head = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's own, of no common base
        self._send()

    def _send(self) -> None:
        requests = self._run.requests
        self._started = time.perf_counter()
        self._transport.write(requests[self._next % len(requests)])
        self._next += self._run.stride

    def data_received(self, data: bytes) -> None:
        if self._left < 0:
            data = self._head + data
            end = data.find(b"\r\n\r\n")
            if end < 0:
                self._head = data
                return
            head = data[:end].lower()
            at = head.find(b"content-length:")
            self._left = int(
                head[at + 15 : head.find(b"\r", at) if head.find(b"\r", at) > 0 else None]
            )
            if not head.startswith(b"http/1.1 200"):
                self._run.failures += 1
            data = data[end + 4 :]
            self._head = b""
        self._left -= len(data)
        if self._left == 0:
            self._left = -1
            now = time.perf_counter()
            self._run.latencies.append(now - self._started)
            if now < self._run.until:
                self._send()
            else:
                self._transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        if error is not None or self._left > 0:
            self._run.failures += 1
        self._run.open -= 1
        if self._run.open == 0:
            self._run.done.set()


class _Run:
    def __init__(self, requests: list[bytes], seconds: float, connections: int) -> None:
        self.requests = requests
        self.stride = 7  # coprime to most lengths, so that connections are spread over all requests
        self.latencies: list[float] = []
        self.failures = 0
        self.open = connections
        self.until = time.perf_counter() + seconds
        self.done = asyncio.Event()


async def drive(port: int, seconds: float, connections: int, paths: list[str]) -> dict[str, object]:
    """Load 127.0.0.1:`port` and report."""
    requests = [
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: */*\r\n\r\n".encode()
        for path in paths
    ]
    run = _Run(requests, seconds, connections)
    loop = asyncio.get_running_loop()
    started = time.perf_counter()
    for number in range(connections):
        await loop.create_connection(lambda n=number: _Connection(run, n * 3), "127.0.0.1", port)
    await run.done.wait()
    elapsed = time.perf_counter() - started
    ordered = sorted(run.latencies)
    quantiles = {
        str(share): round(ordered[min(int(len(ordered) * share), len(ordered) - 1)] * 1000, 3)
        for share in (0.5, 0.95, 0.99)
    }
    return {
        "requests": len(ordered),
        "seconds": elapsed,
        "latencies_ms": quantiles,
        "failures": run.failures,
    }


if __name__ == "__main__":
    port, seconds, connections, file = sys.argv[1:]
    lines = Path(file).read_text().splitlines()
    print(json.dumps(uvloop.run(drive(int(port), float(seconds), int(connections), lines))))
