"""Letters as .eml files, the newest MAX_KEPT of them."""

import os
import re
import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Final

MAX_KEPT: Final = 500
_ID: Final = re.compile(r"[0-9]{16}-[0-9a-f]{8}")


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter as it was received; `to` is whom it was handed in for, whatever its header says."""

    id: str
    received_at: datetime
    sender: str
    to: tuple[str, ...]
    message: EmailMessage

    @property
    def subject(self) -> str:
        """Its subject, decoded."""
        return str(self.message.get("Subject", ""))

    def body(self, kind: str) -> str:
        """Its text in one form, `plain` or `html`; empty when it has none."""
        part = self.message.get_body((kind,))
        return "" if part is None else str(part.get_content()).replace("\r\n", "\n")


class MailStore:
    """The letters of one directory, which is made when needed. Ids sort by time."""

    def __init__(self, home: Path, *, keep: int = MAX_KEPT) -> None:
        self._home = home
        self._keep = keep
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._letters = {
            path.stem: _read(path.stem, path.read_bytes())
            for path in sorted(home.glob("*.eml"))
            if _ID.fullmatch(path.stem)
        }
        self._forget_old()

    def add(self, sender: str, to: list[str], content: bytes) -> str:
        """Keep a letter; gives its id."""
        name = f"{time.time_ns() // 1000:016d}-{secrets.token_hex(4)}"
        if self._letters:
            newest = max(self._letters)
            if (
                name <= newest
            ):  # two in a microsecond, or a clock set back: later ones still sort later
                name = f"{int(newest[:16]) + 1:016d}-{secrets.token_hex(4)}"
        envelope = f"Return-Path: <{sender}>\r\n" + "".join(
            f"Delivered-To: {one}\r\n" for one in to
        )
        whole = envelope.encode("utf-8", "surrogateescape") + content
        draft = self._home / f".{name}.new"
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(whole)
        draft.replace(self._path(name))
        self._letters[name] = _read(name, whole)
        self._forget_old()
        return name

    def newest(self, *, to: str | None = None) -> list[Letter]:
        """All letters, or those handed in for one address; the newest first."""
        found = sorted(self._letters.values(), key=lambda letter: letter.id, reverse=True)
        if to is None:
            return found
        return [letter for letter in found if to.lower() in (one.lower() for one in letter.to)]

    def find(self, name: str) -> Letter | None:
        """The letter of this id, or None."""
        return self._letters.get(name)

    def raw(self, name: str) -> bytes:
        """The file of a letter that `find` has found."""
        return self._path(name).read_bytes()

    def _path(self, name: str) -> Path:
        return self._home / f"{name}.eml"

    def _forget_old(self) -> None:
        for name in sorted(self._letters)[: -self._keep]:
            del self._letters[name]
            self._path(name).unlink(missing_ok=True)


def _read(name: str, whole: bytes) -> Letter:
    message = message_from_bytes(whole, policy=default)
    return Letter(
        id=name,
        received_at=datetime.fromtimestamp(int(name[:16]) / 1_000_000, UTC),
        sender=str(message.get("Return-Path", "")).strip("<> "),
        to=tuple(str(each) for each in message.get_all("Delivered-To", [])),
        message=message,
    )
