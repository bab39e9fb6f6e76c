"""A real SMTP server on 127.0.0.1 in a thread, which keeps letters and fails by script: the stack's own mail sink."""

import asyncio
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

from mail_sink.faults import Faults
from mail_sink.inlet import Inlet, protocol
from mail_sink.store import Letter, MailStore

USERNAME, PASSWORD = "scout", "correct horse"


@dataclass
class Mailbox:
    """Where it listens, what it got, and what it will do wrong."""

    port: int
    store: MailStore
    faults: Faults

    @property
    def letters(self) -> list[Letter]:
        """The newest first."""
        return self.store.newest()


def _checks(
    server: SMTP, session: Any, envelope: Any, mechanism: str, data: LoginPassword
) -> AuthResult:
    good = (data.login, data.password) == (USERNAME.encode(), PASSWORD.encode())
    return AuthResult(success=good, handled=False)


@contextmanager
def mailbox(
    home: Path,
    *,
    tls: ssl.SSLContext | None = None,
    implicit: bool = False,
    with_names: bool = False,
) -> Iterator[Mailbox]:
    """Serve. With `tls` by STARTTLS, or from the first byte when `implicit`; `with_names` asks for USERNAME and PASSWORD."""
    store, faults = MailStore(home), Faults()
    inlet = Inlet(store, faults)
    words: dict[str, Any] = {}
    if tls is not None and not implicit:
        words |= {"tls_context": tls, "require_starttls": True}
    if with_names:
        # it counts STARTTLS alone as encrypted
        words |= {"authenticator": _checks, "auth_required": not implicit}
        words |= {"auth_require_tls": not implicit}
    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(
        loop.create_server(
            lambda: protocol(inlet, loop=loop, **words),
            "127.0.0.1",
            0,
            ssl=tls if implicit else None,
        )
    )
    serving = threading.Thread(target=loop.run_forever, daemon=True)
    serving.start()
    try:
        yield Mailbox(server.sockets[0].getsockname()[1], store, faults)
    finally:
        asyncio.run_coroutine_threadsafe(_end(server), loop).result(5)
        loop.call_soon_threadsafe(loop.stop)
        serving.join()
        loop.close()


async def _end(server: asyncio.Server) -> None:
    server.close()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
