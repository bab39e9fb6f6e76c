"""The edge of the API: one pure ASGI layer around everything.

It gives every request an id, bounds its body, measures it, logs it, adds the security headers to
every reply (errors too), and turns whatever escaped into a problem document. One layer, because
each costs the hot read path a few microseconds.
"""

import re
from collections.abc import Mapping, Sequence
from time import perf_counter
from typing import Final

import orjson
import structlog
from prometheus_client import Counter, Histogram
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.hand_read import HandRead
from app.api.problems import problem_body
from app.core import metrics
from app.core.clock import utc_now
from app.core.ids import new_id
from app.core.logging import SAFE_ID, access_log, bind_correlation_id
from app.errors import AppError, PayloadTooLarge

log = structlog.get_logger(__name__)

SECURITY_HEADERS: Final[list[tuple[bytes, bytes]]] = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
]
_OUR_NAMES: Final = frozenset(name for name, _ in SECURITY_HEADERS)
UNROUTED: Final = "(none)"
QUIET: Final = frozenset({"/livez", "/readyz", "/metrics"})


class Edge:
    """Request id, body limit, metrics, access log, security headers, last-resort errors.

    `hand_read` routes are answered from here: finding its way through the framework's routers, exit
    stacks and error handlers costs a request more than everything this product does for it. What
    they would do for such a route is done here too, and the framework answers all the same where
    the path or the method is not exactly theirs. `larger_bodies`: paths with a limit of their own,
    for routes that read a body as it arrives.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        max_body_bytes: int,
        larger_bodies: Mapping[str, int] | None = None,
        hand_read: Sequence[HandRead] = (),
    ) -> None:
        self._app = app
        self._max_body_bytes = max_body_bytes
        self._larger_bodies = dict(larger_bodies or {})
        self._hand_read = {("GET", route.path): route for route in hand_read}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection; anything but HTTP passes through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(scope)
        scope["request_id"] = request_id
        bind_correlation_id(request_id)
        exchange = _Exchange(scope, send, request_id)
        metrics.HTTP_IN_PROGRESS.inc()
        try:
            route = self._hand_read.get((scope["method"], scope["path"]))
            if route is not None:
                scope["route"] = route
                response = await route.endpoint(Request(scope, receive))
                await response(scope, receive, exchange.send)
            else:
                limit = self._larger_bodies.get(scope["path"], self._max_body_bytes)
                limited = _bounded(scope, receive, limit)
                await self._app(scope, limited, exchange.send)
        except AppError as error:
            await exchange.refuse(error)
        except Exception:
            # The last boundary before the wire: the client gets a problem, the log the traceback.
            log.exception("request.crashed", path=scope["path"])
            await exchange.refuse(AppError("The fault has been logged with this request id."))
        finally:
            metrics.HTTP_IN_PROGRESS.dec()
            exchange.record()  # the correlation id ends with the request's own context


class _Exchange:
    """One request's reply on its way out."""

    __slots__ = ("_request_id", "_scope", "_send", "_started", "status")

    def __init__(self, scope: Scope, send: Send, request_id: str) -> None:
        self._scope = scope
        self._send = send
        self._request_id = request_id
        self._started = perf_counter()
        self.status = 0

    async def send(self, message: Message) -> None:
        """Pass a message on, with our headers on the first."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers: list[tuple[bytes, bytes]] = list(message.get("headers", ()))
            own = SECURITY_HEADERS
            if not _OUR_NAMES.isdisjoint([name for name, _ in headers]):
                present = {name for name, _ in headers}
                own = [pair for pair in own if pair[0] not in present]
            message["headers"] = [*headers, *own, (b"x-request-id", self._request_id.encode())]
        await self._send(message)

    async def refuse(self, error: AppError) -> None:
        """Answer with a problem, unless an answer has begun: then the connection must break."""
        if self.status:
            raise error
        body = problem_body(error, self._request_id)
        headers = [
            (b"content-type", b"application/problem+json"),
            (b"content-length", str(len(body)).encode()),
        ]
        if error.retry_after_s is not None:
            headers.append((b"retry-after", str(error.retry_after_s).encode()))
        if isinstance(error, PayloadTooLarge):
            headers.append((b"connection", b"close"))
        await self.send({"type": "http.response.start", "status": error.status, "headers": headers})
        await self.send({"type": "http.response.body", "body": body})

    def record(self) -> None:
        """Count and log the request under its route's template, never under its path."""
        seconds = perf_counter() - self._started
        scope = self._scope
        route = scope.get("route")
        template: str = getattr(route, "path", UNROUTED)
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


def _request_id(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"x-request-id":
            given: str = value.decode("latin-1")
            if SAFE_ID.match(given):
                return given
    return new_id().hex


def _bounded(scope: Scope, receive: Receive, limit: int) -> Receive:
    """Refuse a body over the limit: by its announced length at once, else while it streams in."""
    if scope["method"] in ("GET", "HEAD", "OPTIONS"):
        return receive
    announced = Headers(scope=scope).get("content-length", "0")
    if not re.fullmatch(r"[0-9]{1,18}", announced) or int(announced) > limit:
        raise PayloadTooLarge(f"The body may have at most {limit} bytes.")
    received = 0

    async def counted() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > limit:
            raise PayloadTooLarge(f"The body may have at most {limit} bytes.")
        return message

    return counted
