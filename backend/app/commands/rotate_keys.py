"""`python -m app rotate-keys`: bring every sealed value under the current key, so that older keys can go."""

import argparse
import json
import sys
from dataclasses import asdict
from typing import Any

from app.core.crypto import CryptoError, Sealer
from app.core.settings import get_settings
from app.db.sealed import SEALED, SealedColumn
from app.db.session import DatabaseError, transaction
from app.services import sealing

_ABOUT = """\
Wraps the data key of every sealed value anew, under the first key of ENCRYPTION_KEYS; values themselves
stay as they are. Works on DATABASE_URL, beside running processes, in small transactions; interrupted or
run twice it goes on where it stopped.

To change the key: put the new one first (k2:…,k1:…), restart every process, run this, and when it exits 0
drop the old one. Prints one JSON object. Exit code 1 when a value cannot be opened: its table, row
and column are named, and the old key must stay.
"""


def register(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = commands.add_parser(
        "rotate-keys",
        help="bring what is sealed under the current key of ENCRYPTION_KEYS",
        description=_ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Re-wrap all; 0 when everything is under the current key, 1 when something could not be opened or reached."""
    try:
        told = rotate(Sealer.from_settings(get_settings()), SEALED)
    except CryptoError as error:
        print(f"deal-scout: {error}", file=sys.stderr)
        return 1
    except DatabaseError as error:
        reason = str(getattr(error, "orig", None) or error).splitlines()[0]
        print(f"deal-scout: {reason}; run it again, it goes on where it stopped", file=sys.stderr)
        return 1
    print(json.dumps(told))
    return 1 if told["unopened"] else 0


def rotate(sealer: Sealer, columns: tuple[SealedColumn, ...]) -> dict[str, Any]:
    """What was done: the current key's id, and per column how many were re-wrapped and how many are current."""
    counts: dict[str, dict[str, int]] = {}
    unopened: list[dict[str, str]] = []
    for where in columns:
        rewrapped, after = 0, None
        while True:
            with transaction() as session:
                batch = sealing.rewrap_next(session, sealer, where, after=after)
            rewrapped += batch.rewrapped
            unopened += [asdict(one) for one in batch.unopened]
            if (after := batch.last) is None:
                break
        with transaction() as session:
            current = sealing.count_current(session, sealer, where)
        counts[f"{where.table}.{where.column}"] = {"rewrapped": rewrapped, "current": current}
    return {"key": sealer.current, "columns": counts, "unopened": unopened}
