"""/metrics on a port of its own (METRICS_PORT), for a Prometheus in the same network, without a key.

The port is the wall: it is bound to API_HOST, published by nothing, and answers nothing else. It is
served by threads, so that a scrape is answered while the event loop is busy; several API processes on
one machine share the port, and each answers for all (PROMETHEUS_MULTIPROC_DIR).
"""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer
from threading import Thread
from typing import Any, ClassVar, Final

import structlog

from app.core import metrics
from app.core.clock import utc_now
from app.core.settings import Settings, get_settings
from app.db.session import DATABASE_AWAY, transaction
from app.services import gauges

log = structlog.get_logger(__name__)

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
PATIENCE_S: Final = 10.0


def exposition() -> bytes:
    """All metrics, those that are read and not counted just now among them."""
    with transaction() as session:
        gauges.refresh(session, get_settings(), now=utc_now())
    return metrics.exposition()


class _Scrape(BaseHTTPRequestHandler):
    """One connection of a scraper."""

    timeout: ClassVar[float] = PATIENCE_S  # of a peer that sends nothing
    server_version = "deal-scout"
    sys_version = ""

    def do_GET(self) -> None:
        """/metrics, and nothing else."""
        if self.path.partition("?")[0] != "/metrics":
            self._answer(404, b"Only /metrics is here.\n")
            return
        try:
            body = exposition()
        except DATABASE_AWAY:
            self._answer(503, b"The database does not answer.\n")
            return
        self._answer(200, body)

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", CONTENT_TYPE)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Scrapes are not logged."""


class _Server(ThreadingTCPServer):
    allow_reuse_address = True
    allow_reuse_port = True
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Note that a scrape failed; the server goes on."""
        log.exception("metrics.scrape_failed")


class _ServerV6(_Server):
    address_family = socket.AF_INET6


@contextmanager
def metrics_port(settings: Settings) -> Iterator[None]:
    """Serve /metrics on METRICS_PORT for the time of the block; does nothing without one.

    OSError when the port belongs to another program: then the API does not start.
    """
    if not settings.metrics_port:
        yield
        return
    kind = _ServerV6 if ":" in settings.api_host else _Server
    with kind((settings.api_host, settings.metrics_port), _Scrape) as server:
        thread = Thread(target=server.serve_forever, name="metrics-port", daemon=True)
        thread.start()
        log.info("metrics.served", host=settings.api_host, port=settings.metrics_port)
        try:
            yield
        finally:
            server.shutdown()
            thread.join()
