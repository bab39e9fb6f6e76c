"""The SMTP side: takes every letter, unless a fault is scripted."""

import asyncio
from typing import Any, Final

from aiosmtpd.smtp import SMTP, Envelope, Session

from mail_sink.faults import Faults, Kind
from mail_sink.store import MailStore

MAX_BYTES: Final = 2 * 2**20
ANSWERS: Final = {"451": "451 4.3.0 Not now", "550": "550 5.1.1 No such mailbox"}


class Inlet:
    """aiosmtpd's handler: its methods are named for SMTP's commands and give the reply."""

    def __init__(self, store: MailStore, faults: Faults) -> None:
        self._store = store
        self._faults = faults

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Whom the letter is for."""
        fault = self._faults.take("rcpt")
        if fault is not None:
            return await _meet(fault, server)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """The letter itself."""
        fault = self._faults.take("data")
        if fault is None or fault == "drop":
            content = envelope.content
            whole = content if isinstance(content, bytes) else (content or "").encode()
            self._store.add(envelope.mail_from or "", list(envelope.rcpt_tos), whole)
        if fault is not None:
            return await _meet(fault, server)
        return "250 OK"


async def _meet(fault: Kind, server: SMTP) -> str:
    if fault in ANSWERS:
        return ANSWERS[fault]
    if fault == "drop" and isinstance(server.transport, asyncio.WriteTransport):
        server.transport.abort()
    await asyncio.sleep(3600)  # ends when the other side is gone
    return ANSWERS["451"]


def protocol(inlet: Inlet, **words: Any) -> SMTP:
    """One connection's server."""
    return SMTP(
        inlet,
        hostname="mail-sink",
        ident="Deal Scout mail sink",
        data_size_limit=MAX_BYTES,
        **words,
    )
