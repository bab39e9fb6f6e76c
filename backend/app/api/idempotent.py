"""Idempotency-Key on every POST that creates: sent again, the first answer is given again.

A router is a `Router`, and every POST in it that may answer 201 or 202 takes the header. The key is
claimed after the caller has been let in and before the operation begins; the answer is kept in the
operation's own transaction. Refusals and faults are not kept: they had no effect.
"""

import hashlib
import hmac
from collections.abc import Callable, Coroutine
from typing import Annotated, Any, Final, TypeVar

from fastapi import APIRouter, Depends, Header, Request
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.types import Message, Receive

from app.api.deps import SessionDep, SettingsDep
from app.api.limits import address_identity
from app.api.problems import declared
from app.core.clock import utc_now
from app.core.settings import Settings
from app.db.session import Session
from app.errors import InvalidInput
from app.services import idempotency
from app.services.idempotency import Answer, Call

KEY_HEADER: Final = "Idempotency-Key"
REPLAYED_HEADER: Final = "Idempotent-Replayed"
CREATED: Final = frozenset({201, 202})
KEPT_HEADERS: Final = ("content-type", "location")

_BODY: Final = "idempotent_body"
_CLAIMED: Final = "idempotent_claim"
_OWN: Final = "keeps_its_own_answer"
_SECRET: Final = "answer_shows_a_secret"  # noqa: S105 - the name of a mark

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])


class Replayed(Exception):
    """The request was answered before; ends it with that answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer


def keeps_its_own_answer(endpoint: Endpoint) -> Endpoint:
    """Mark an operation that has transactions of its own: it calls `claim` and `keep` itself."""
    setattr(endpoint, _OWN, True)
    return endpoint


def answer_shows_a_secret(endpoint: Endpoint) -> Endpoint:
    """Mark an operation whose answer must not be kept: asked again, it says that it was done."""
    setattr(endpoint, _SECRET, True)
    return endpoint


async def read_call(
    request: Request,
    settings: SettingsDep,
    key: Annotated[
        str | None,
        Header(
            alias=KEY_HEADER,
            min_length=1,
            max_length=255,
            pattern=r"^[\x20-\x7e]+$",
            description="Makes it safe to send this again: the same key with the same content within 24 hours"
            f" has one effect, and the first answer is given again with `{REPLAYED_HEADER}: true`.",
        ),
    ] = None,
) -> Call | None:
    """The request as one under a key; None when it has none."""
    if key is None:
        return None
    if len(request.headers.getlist(KEY_HEADER)) > 1:
        raise InvalidInput(f"Send one {KEY_HEADER}.")
    body: _HashedBody = request.scope[_BODY]
    if not body.is_complete:
        await request.body()
    return Call(
        owner=owner_of(request, settings),
        key=key,
        operation=f"{request.method} {request.scope['route'].path}",
        request_hash=body.digest(request, settings),
    )


CallDep = Annotated[Call | None, Depends(read_call)]


def claim(session: Session, call: Call | None) -> None:
    """Hold the request's key in this transaction. Replayed when the work has been done."""
    if call is None:
        return
    answer = idempotency.claim(session, call, now=utc_now())
    if answer is not None:
        raise Replayed(answer)


def keep(session: Session, call: Call | None, response: Response) -> None:
    """Keep this answer in the transaction of its effect."""
    if call is not None:
        idempotency.keep(session, call, _as_answer(response), now=utc_now())


def json_response(status: int, document: BaseModel) -> Response:
    """An answer that can be kept and sent alike."""
    return Response(document.model_dump_json(), status, media_type="application/json")


def owner_of(request: Request, settings: Settings) -> str:
    """Whose key it is: the caller's, else the address's as limits count it."""
    caller = getattr(request.state, "caller", None)
    if caller is not None:
        return str(caller.identity)
    return address_identity(request.scope, settings)


async def _claim_first(request: Request, call: CallDep, session: SessionDep) -> None:
    if call is not None:
        await run_in_threadpool(claim, session, call)
        request.scope[_CLAIMED] = (session, call)


class _CreatingRoute(APIRoute):
    """A route that takes the header when it is a POST that may answer 201 or 202."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **words: Any) -> None:
        statuses = {words.get("status_code"), *(words.get("responses") or {})}
        self.takes_keys = "POST" in (words.get("methods") or ()) and not CREATED.isdisjoint(
            statuses
        )
        if self.takes_keys:
            first = read_call if getattr(endpoint, _OWN, False) else _claim_first
            words["dependencies"] = [*(words.get("dependencies") or ()), Depends(first)]
            words["responses"] = {**declared(409, 422), **(words.get("responses") or {})}
        super().__init__(path, endpoint, **words)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The framework's handler, with the answer kept or given again around it."""
        answer = super().get_route_handler()
        if not self.takes_keys:
            return answer
        shows_a_secret = getattr(self.endpoint, _SECRET, False)

        async def handle(request: Request) -> Response:
            if KEY_HEADER not in request.headers:
                return await answer(request)
            body = _HashedBody(request.receive)
            request.scope[_BODY] = body
            try:
                response = await answer(Request(request.scope, body.receive))
            except Replayed as replayed:
                return _as_response(replayed.answer)
            claimed: tuple[Session, Call] | None = request.scope.get(_CLAIMED)
            if claimed is not None and response.status_code < 400:
                session, call = claimed
                kept = _as_answer(response, without_body=shows_a_secret)
                await run_in_threadpool(idempotency.keep, session, call, kept, now=utc_now())
            return response

        return handle


class Router(APIRouter):
    """The router of all operations: POSTs that create take an Idempotency-Key."""

    def __init__(self, **words: Any) -> None:
        super().__init__(route_class=_CreatingRoute, **words)


class _HashedBody:
    """A request's body on its way in, hashed as it passes, however it is read."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._hash = hashlib.sha256()
        self.is_complete = False

    async def receive(self) -> Message:
        """The next message of the request."""
        message = await self._receive()
        if message["type"] == "http.request":
            self._hash.update(message.get("body", b""))
            self.is_complete = not message.get("more_body", False)
        return message

    def digest(self, request: Request, settings: Settings) -> bytes:
        """What was asked, where and with what content. Keyed: a body may hold a password, which must not be guessed from this."""
        target = f"{request.method} {request.scope['path']}?".encode()
        target += request.scope["query_string"]
        key = settings.session_key.get_secret_value() if settings.session_key else ""
        return hmac.digest(key.encode(), target + b"\0" + self._hash.digest(), "sha256")


def _as_answer(response: Response, *, without_body: bool = False) -> Answer:
    if not isinstance(getattr(response, "body", None), bytes):
        raise TypeError(
            "an answer that streams cannot be kept; it must not be one of a POST that creates"
        )
    headers = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
    return Answer(response.status_code, headers, None if without_body else bytes(response.body))


def _as_response(answer: Answer) -> Response:
    return Response(answer.body, answer.status, {**answer.headers, REPLAYED_HEADER: "true"})
