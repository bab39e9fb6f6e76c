"""Scripted failures: what the network and eBay do on bad days, switched on per route by `/sim/faults`.

A plain ASGI layer around the whole simulator, because some of these are not answers at all. It also writes the ledger,
so that a call which ended badly is on record too.
"""

import asyncio
import contextlib
import json
import socket
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ebay_sim.errors import envelope
from ebay_sim.ledger import Effect, Ledger, route_name
from ebay_sim.world.clock import stamp

KINDS = (
    "timeout",
    "reset",
    "429",
    "500",
    "503",
    "truncated",
    "html",
    "empty_next",
    "renamed_field",
    "drip",
    "huge",
)
# A timeout is a server that stays silent, and hangs up long after the client should have.
_SILENCE_S = {"timeout": 60.0, "reset": 0.0}
_HTML = b"<!DOCTYPE html><html><head><title>Service unavailable</title></head><body><h1>We'll be right back</h1></body></html>"
_SERVER_ERRORS = {
    "500": (
        12000,
        "API_BROWSE",
        "APPLICATION",
        "There was a problem with an eBay internal system or process.",
    ),
    "503": (12000, "API_BROWSE", "APPLICATION", "The service is unavailable."),
    "429": (2001, "ACCESS", "REQUEST", "Too many requests."),
}


class UnknownFault(ValueError):
    """The script asks for what the simulator cannot do."""


@dataclass(slots=True)
class FaultRule:
    """The next `times` calls of `route` (a short name or a path prefix) after `skip` good ones fail in this way."""

    kind: str
    route: str = "/"
    times: int = 1
    skip: int = 0
    retry_after: str | None = None
    delay_s: float | None = None
    field: str = "price"
    to: str = "priceInfo"
    size_mb: int = 64
    hits: int = 0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise UnknownFault(f"kind must be one of {', '.join(KINDS)}")

    def matches(self, route: str, path: str) -> bool:
        """Whether the rule means this call: by short name, by the API before the dot, or by path prefix."""
        return (
            self.route == route
            or (self.route.startswith("/") and path.startswith(self.route))
            or route.startswith(f"{self.route}.")
        )


@dataclass(slots=True)
class Faults:
    """The scripted failures that are still to come, oldest first."""

    rules: list[FaultRule] = field(default_factory=list)

    def take(self, route: str, path: str) -> FaultRule | None:
        """The fault that this call has to suffer, which is used up by it."""
        for rule in self.rules:
            if rule.times > 0 and rule.matches(route, path):
                if rule.skip > 0:
                    rule.skip -= 1
                    return None
                rule.times -= 1
                rule.hits += 1
                return rule
        return None


@dataclass(slots=True)
class _Answer:
    """A whole answer of the app behind, held back."""

    status: int = 200
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""

    async def collect(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], list(message["headers"])
        elif message["type"] == "http.response.body":
            self.body += message.get("body", b"")

    def is_json(self) -> bool:
        return self.status == 200 and (b"content-type", b"application/json") in self.headers


def _rename(value: Any, name: str, to: str) -> Any:
    if isinstance(value, dict):
        return {
            to if key == name else key: _rename(inner, name, to) for key, inner in value.items()
        }
    return [_rename(inner, name, to) for inner in value] if isinstance(value, list) else value


def _abort(send: Send) -> bool:
    """Resets the TCP connection. Needs uvicorn's own `send`, whose object holds the transport; False without one."""
    transport = getattr(getattr(send, "__self__", None), "transport", None)
    if transport is None:
        return False
    connection = transport.get_extra_info("socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
    return True


async def _client_gone(receive: Receive) -> None:
    """Returns when the client has hung up."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _send_body(
    send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes
) -> None:
    kept = [(name, value) for name, value in headers if name != b"content-length"]
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [*kept, (b"content-length", str(len(body)).encode())],
        }
    )
    await send({"type": "http.response.body", "body": body})


class FaultLayer:
    """Outermost ASGI app: ledger and faults for eBay's paths and images; `/sim` itself never fails."""

    def __init__(
        self, app: ASGIApp, *, sim: Callable[[], tuple[Faults, Ledger, Callable[[], float]] | None]
    ) -> None:
        self._app = app
        self._sim = sim

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the call on, or fails it as a rule says, and records it."""
        found = self._sim() if scope["type"] == "http" else None
        path = scope.get("path", "")
        if found is None or (path.startswith("/sim/") and not path.startswith("/sim/images/")):
            await self._app(scope, receive, send)
            return
        faults, ledger, now = found
        route = route_name(scope["method"], path)
        rule = faults.take(route, path)
        status: int | str = 0

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            if rule is None:
                await self._app(scope, receive, watch)
            else:
                status = await self._fail(rule, scope, receive, watch, send) or status
        finally:
            query = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
            marketplace = Headers(scope=scope).get("x-ebay-c-marketplace-id")
            kind = rule.kind if rule else None
            # Pictures and pages are not effects; a dashboard would fill the ring with them.
            if rule is not None or not path.startswith(("/sim/images/", "/itm/")):
                ledger.record(
                    Effect(
                        0,
                        stamp(now()),
                        time.time(),
                        scope["method"],
                        path,
                        route,
                        query,
                        marketplace,
                        status or "aborted",
                        kind,
                    )
                )
        if status in ("reset", "timeout"):
            # The server looks next whether an answer was begun; by then the connection must be gone.
            await asyncio.sleep(0.02)

    async def _fail(
        self, rule: FaultRule, scope: Scope, receive: Receive, send: Send, raw_send: Send
    ) -> str | None:
        """Answers as the rule says. A word for the ledger when there was no answer."""
        if rule.kind in ("timeout", "reset"):
            pause = rule.delay_s if rule.delay_s is not None else _SILENCE_S[rule.kind]
            if pause:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(_client_gone(receive), pause)
            if not _abort(raw_send):
                raise ConnectionResetError(f"scripted {rule.kind}")
            return rule.kind
        if rule.delay_s and rule.kind != "drip":
            await asyncio.sleep(rule.delay_s)
        if rule.kind in _SERVER_ERRORS:
            error_id, domain, category, message = _SERVER_ERRORS[rule.kind]
            headers = [(b"content-type", b"application/json")]
            if rule.retry_after is not None:
                headers.append((b"retry-after", str(rule.retry_after).encode()))
            await _send_body(
                send,
                int(rule.kind),
                headers,
                json.dumps(envelope(error_id, domain, category, message, message)).encode(),
            )
            return None
        if rule.kind == "html":
            await _send_body(send, 200, [(b"content-type", b"text/html; charset=utf-8")], _HTML)
            return None
        answer = _Answer()
        await self._app(scope, receive, answer.collect)
        await self._spoil(rule, answer, send)
        return None

    async def _spoil(self, rule: FaultRule, answer: _Answer, send: Send) -> None:
        """Sends a good answer in a bad form."""
        body = answer.body
        match rule.kind:
            case "truncated":
                body = body[: max(1, len(body) // 2)]
            case "renamed_field" if answer.is_json():
                body = json.dumps(_rename(json.loads(body), rule.field, rule.to)).encode()
            case "empty_next" if answer.is_json():
                page = json.loads(body)
                page.pop("itemSummaries", None)
                page.pop("itemSales", None)
                page["next"] = page.get("next", page.get("href", ""))
                body = json.dumps(page).encode()
            case "huge":
                # Blank space before the document: valid JSON that never seems to end.
                length = len(body) + rule.size_mb * 1_048_576
                kept = [
                    (name, value) for name, value in answer.headers if name != b"content-length"
                ]
                headers = [*kept, (b"content-length", str(length).encode())]
                await send(
                    {"type": "http.response.start", "status": answer.status, "headers": headers}
                )
                for _ in range(rule.size_mb):
                    await send(
                        {"type": "http.response.body", "body": b" " * 1_048_576, "more_body": True}
                    )
                await send({"type": "http.response.body", "body": body})
                return
            case "drip":
                pause = rule.delay_s if rule.delay_s is not None else 0.2
                await send(
                    {
                        "type": "http.response.start",
                        "status": answer.status,
                        "headers": answer.headers,
                    }
                )
                for at in range(len(body)):
                    await send(
                        {"type": "http.response.body", "body": body[at : at + 1], "more_body": True}
                    )
                    await asyncio.sleep(pause)
                await send({"type": "http.response.body", "body": b""})
                return
        await _send_body(send, answer.status, answer.headers, body)
