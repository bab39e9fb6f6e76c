"""One request's reply on its way out: our headers on it, its numbers, its line in the access log."""

from time import perf_counter
from typing import Final

import orjson
from prometheus_client import Counter, Histogram
from starlette.types import Message, Scope, Send

from app.api.headers import Headers, ReplyHeaders
from app.api.limits import verdict_headers
from app.api.problems import problem_body
from app.core import metrics
from app.core.clock import utc_now
from app.core.logging import access_log
from app.errors import AppError, PayloadTooLarge

UNROUTED: Final = "(none)"
QUIET: Final = frozenset({"/livez", "/readyz", "/metrics"})


class Exchange:
    """A request and its reply. `more`: headers for this reply alone."""

    __slots__ = ("_headers", "_request_id", "_scope", "_send", "_started", "more", "status")

    def __init__(self, scope: Scope, send: Send, request_id: str, headers: ReplyHeaders) -> None:
        self._scope = scope
        self._send = send
        self._request_id = request_id
        self._headers = headers
        self._started = perf_counter()
        self.more: Headers = []
        self.status = 0

    async def send(self, message: Message) -> None:
        """Pass a message on, with our headers on the first."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            scope = self._scope
            present: Headers = list(message.get("headers", ()))
            own = self._headers.for_reply(self.status, self._template, scope["path"], present)
            message["headers"] = [
                *present,
                *own,
                *verdict_headers(scope),
                *self.more,
                (b"x-request-id", self._request_id.encode()),
            ]
        await self._send(message)

    async def answer(self, status: int, headers: Headers, body: bytes = b"") -> None:
        """Answer from here."""
        length = (b"content-length", b"%d" % len(body))
        start = {"type": "http.response.start", "status": status, "headers": [*headers, length]}
        await self.send(start)
        await self.send({"type": "http.response.body", "body": body})

    async def refuse(self, error: AppError) -> None:
        """Answer with a problem, unless an answer has begun: then the connection must break."""
        if self.status:
            raise error
        headers = [(b"content-type", b"application/problem+json")]
        if error.retry_after_s is not None:
            headers.append((b"retry-after", b"%d" % error.retry_after_s))
        if isinstance(error, PayloadTooLarge):
            headers.append((b"connection", b"close"))
        await self.answer(error.status, headers, problem_body(error, self._request_id))

    def record(self) -> None:
        """Count and log the request under its route's template, never under its path."""
        seconds = perf_counter() - self._started
        scope = self._scope
        template = self._template
        method: str = scope["method"] if template != UNROUTED else "other"
        _counter(method, template, self.status or 499).inc()
        _histogram(method, template).observe(seconds)
        if template not in QUIET:
            access_log.write(
                orjson.dumps(
                    {
                        "timestamp": utc_now(),
                        "level": "info",
                        "logger": "deal_scout.access",
                        "event": "request.answered",
                        "request_id": self._request_id,
                        "method": scope["method"],
                        "path": scope["path"],
                        "route": template,
                        "status": self.status,
                        "duration_ms": round(seconds * 1000, 2),
                    },
                    option=orjson.OPT_APPEND_NEWLINE,
                )
            )

    @property
    def _template(self) -> str:
        template: str = getattr(self._scope.get("route"), "path", UNROUTED)
        return template


_counters: dict[tuple[str, str, int], Counter] = {}
_histograms: dict[tuple[str, str], Histogram] = {}


def _counter(method: str, route: str, status: int) -> Counter:
    child = _counters.get((method, route, status))
    if child is None:
        child = metrics.HTTP_REQUESTS.labels(method, route, str(status))
        _counters[method, route, status] = child
    return child


def _histogram(method: str, route: str) -> Histogram:
    child = _histograms.get((method, route))
    if child is None:
        child = metrics.HTTP_DURATION.labels(method, route)
        _histograms[method, route] = child
    return child
