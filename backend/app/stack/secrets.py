"""The secrets of one embedded stack: made once, kept in a file that only its owner can read."""

import os
import secrets
from pathlib import Path

MODE = 0o600


def _key() -> str:
    return secrets.token_urlsafe(32)


_MAKERS = {
    "POSTGRES_PASSWORD": _key,
    "POSTGRES_APP_PASSWORD": _key,
    "REDIS_PASSWORD": _key,
    "S3_ACCESS_KEY_ID": lambda: "DS" + secrets.token_hex(9).upper(),
    "S3_SECRET_ACCESS_KEY": _key,
    "SESSION_KEY": _key,
    "ENCRYPTION_KEYS": lambda: f"k1:{_key()}",
    "EBAY_CLIENT_SECRET": _key,
}
SECRET_NAMES = frozenset(_MAKERS)
"""Names that are kept in secrets.env and never written anywhere else."""


def read_env_file(path: Path) -> dict[str, str]:
    """The NAME=value lines of a file; comments and blank lines are skipped, quotes taken off. Absent file: {}."""
    if not path.exists():
        return {}
    found = {}
    for line in path.read_text().splitlines():
        name, sign, value = line.strip().removeprefix("export ").partition("=")
        if sign and not name.startswith("#"):
            found[name.strip()] = value.strip().strip("\"'")
    return found


def load_secrets(data_dir: Path) -> dict[str, str]:
    """Read `secrets.env`; make what it lacks and write it back whole, or not at all."""
    path = data_dir / "secrets.env"
    known = read_env_file(path)
    missing = {name: make() for name, make in _MAKERS.items() if not known.get(name)}
    if missing:
        known |= missing
        write_private(path, "".join(f"{name}={value}\n" for name, value in known.items()))
    elif path.stat().st_mode & 0o777 != MODE:
        path.chmod(MODE)
    return known


def write_private(path: Path, text: str) -> None:
    """Replace `path` by `text`, readable by its owner only, never half-written."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, MODE), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
