"""python -m mail_sink --smtp-port --port --home: takes mail and shows it until it is stopped."""

import argparse
import asyncio
from pathlib import Path

import uvicorn

from mail_sink.faults import Faults
from mail_sink.inlet import Inlet, protocol
from mail_sink.pages import create_app
from mail_sink.store import MailStore


async def serve(host: str, smtp_port: int, port: int, home: Path) -> None:
    """Both sides in one loop; ends when the pages' server is told to."""
    store, faults = MailStore(home), Faults()
    inlet = Inlet(store, faults)
    taking = await asyncio.get_running_loop().create_server(
        lambda: protocol(inlet), host, smtp_port
    )
    pages = uvicorn.Server(
        uvicorn.Config(
            create_app(store, faults),
            host=host,
            port=port,
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=1,
        )
    )
    try:
        await pages.serve()
    finally:
        taking.close()


def main() -> None:
    """Reads the command line and serves."""
    parser = argparse.ArgumentParser(
        prog="mail_sink", description="A mail server that delivers nowhere."
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--smtp-port", type=int, default=8025)
    parser.add_argument("--port", type=int, default=8026, help="of the pages")
    parser.add_argument("--home", type=Path, required=True, help="the directory of the letters")
    given = parser.parse_args()
    asyncio.run(serve(given.host, given.smtp_port, given.port, given.home))


main()
