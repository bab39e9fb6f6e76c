"""The secrets of one embedded stack: made once, kept in a file that only its owner can read.

With MARK in the environment each begins with that word and its own name, so that a search through what a
run has left tells which secret got where. `make test` searches so; a stack for people has no such word.
"""

import os
import secrets
from pathlib import Path

MODE = 0o600
MARK = "DEAL_SCOUT_MARK_SECRETS"
KEY_LENGTH = 43
"""Of 32 bytes in base64url."""


def marked(mark: str, name: str) -> str:
    """What the secret `name` begins with when it is marked; letters and digits only."""
    return mark + name.replace("_", "")


def _key(name: str) -> str:
    mark = os.environ.get(MARK, "")
    head = marked(mark, name) if mark else ""
    return (head + secrets.token_urlsafe(32))[:KEY_LENGTH]


def _key_id(name: str) -> str:
    mark = os.environ.get(MARK, "")
    return "DS" + (marked(mark, name) if mark else "") + secrets.token_hex(9).upper()


_MAKERS = {
    "POSTGRES_PASSWORD": _key,
    "POSTGRES_APP_PASSWORD": _key,
    "REDIS_PASSWORD": _key,
    "S3_ACCESS_KEY_ID": _key_id,
    "S3_SECRET_ACCESS_KEY": _key,
    "SESSION_KEY": _key,
    "ENCRYPTION_KEYS": lambda name: f"k1:{_key(name)}",
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
    missing = {name: make(name) for name, make in _MAKERS.items() if not known.get(name)}
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
