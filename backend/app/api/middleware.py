"""The edge of the API: one pure ASGI layer around everything.

It gives every request an id, looks by which host it came, bounds its body, measures and logs it, adds
the security headers to every reply (errors too), and turns whatever escaped into a problem document.
One layer, because each costs the hot read path a few microseconds.
"""

from collections.abc import Mapping, Sequence

import structlog
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from app.api.bodies import bounded
from app.api.cors import CrossOrigin, is_preflight
from app.api.exchange import Exchange
from app.api.hand_read import HandRead
from app.api.headers import ReplyHeaders
from app.api.hosts import KnownHosts
from app.api.limits import Limits
from app.core import metrics
from app.core.ids import new_id
from app.core.logging import SAFE_ID, bind_correlation_id
from app.core.settings import Settings
from app.errors import AppError

log = structlog.get_logger(__name__)


class Edge:
    """Request id, known hosts, other origins, body limit, metrics, access log, headers, last-resort errors.

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
        settings: Settings,
        limits: Limits,
        larger_bodies: Mapping[str, int] | None = None,
        hand_read: Sequence[HandRead] = (),
    ) -> None:
        self._app = app
        self._hosts = KnownHosts(settings)
        self._origins = CrossOrigin(settings)
        self._headers = ReplyHeaders(settings)
        self._limits = limits
        self._max_body_bytes = settings.max_body_bytes
        self._larger_bodies = dict(larger_bodies or {})
        self._hand_read = {("GET", route.path): route for route in hand_read}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection; anything but HTTP passes through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id, host, origin = _looked_at(scope)
        scope["request_id"] = request_id
        bind_correlation_id(request_id)
        exchange = Exchange(scope, send, request_id, self._headers)
        metrics.HTTP_IN_PROGRESS.inc()
        try:
            self._hosts.check(scope, host)
            if self._origins:
                if is_preflight(scope["method"], scope["headers"]):
                    told = self._origins.preflight_headers(origin, scope["headers"])
                    await exchange.answer(204, told)
                    return
                exchange.more = self._origins.reply_headers(origin)
            route = self._hand_read.get((scope["method"], scope["path"]))
            if route is not None:
                scope["route"] = route
                await self._limits.charge(scope, route.operation_id)
                response = await route.endpoint(Request(scope, receive))
                await response(scope, receive, exchange.send)
            else:
                limit = self._larger_bodies.get(scope["path"], self._max_body_bytes)
                await self._app(scope, bounded(scope, receive, limit), exchange.send)
        except AppError as error:
            await exchange.refuse(error)
        except Exception:
            # The last boundary before the wire: the client gets a problem, the log the traceback.
            log.exception("request.crashed", path=scope["path"])
            await exchange.refuse(AppError("The fault has been logged with this request id."))
        finally:
            metrics.HTTP_IN_PROGRESS.dec()
            exchange.record()  # the correlation id ends with the request's own context


def _looked_at(scope: Scope) -> tuple[str, bytes | None, bytes | None]:
    """The request's id, its host (None when it has none, or two) and its origin, in one pass."""
    request_id = ""
    host: bytes | None = None
    hosts = 0
    origin: bytes | None = None
    for name, value in scope["headers"]:
        if name == b"host":
            host = value
            hosts += 1
        elif name == b"origin":
            origin = value
        elif name == b"x-request-id" and not request_id:
            given: str = value.decode("latin-1")
            if SAFE_ID.match(given):
                request_id = given
    return request_id or new_id().hex, host if hosts == 1 else None, origin
