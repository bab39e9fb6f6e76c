"""Free ports on the loopback address, chosen once per stack and kept in its data directory.

Ports come from below the range that the kernel hands to outgoing connections, so that a connection
does not take a port between two starts. SeaweedFS also listens on port + 10000.
"""

import json
import random
import socket
from collections.abc import Iterable
from pathlib import Path

LOOPBACK = "127.0.0.1"
FIRST, LAST = 12_000, 22_000
GRPC_OFFSET = 10_000


def is_free(port: int, host: str = LOOPBACK) -> bool:
    """Whether a server could listen on `port` now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def is_listening(port: int, host: str = LOOPBACK, timeout_s: float = 0.3) -> bool:
    """Whether somebody accepts connections on `port`."""
    try:
        with socket.create_connection((host, port), timeout=timeout_s):
            return True
    except OSError:
        return False


class Ports:
    """The port of each part, remembered in `DATA_DIR/run/ports.json` and reused while it is free."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._kept: dict[str, int] = json.loads(path.read_text()) if path.exists() else {}

    def take(self, name: str, *, with_grpc: bool = False) -> int:
        """The port kept for `name` when it is free, else a new one."""
        kept = self._kept.get(name)
        others = {port for other, port in self._kept.items() if other != name}
        if kept is None or kept in others or not self._usable(kept, with_grpc):
            kept = self._choose(others, with_grpc)
        self._kept[name] = kept
        return kept

    def save(self, used: Iterable[str]) -> None:
        """Keep the ports of the parts named, and forget those of parts that are gone."""
        keep = set(used)
        self._kept = {name: port for name, port in self._kept.items() if name in keep}
        self._path.write_text(json.dumps(self._kept, indent=1))

    @staticmethod
    def _usable(port: int, with_grpc: bool) -> bool:
        return is_free(port) and (not with_grpc or is_free(port + GRPC_OFFSET))

    def _choose(self, others: set[int], with_grpc: bool) -> int:
        # not seeded: two stacks that start together must not try the same ports
        for _ in range(1000):
            port = random.randrange(FIRST, LAST)
            if port not in others and self._usable(port, with_grpc):
                return port
        raise OSError(f"no free port between {FIRST} and {LAST}")
