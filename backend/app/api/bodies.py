"""How large a request's body may be: refused by its announced length, or while it streams in."""

import re

from starlette.datastructures import Headers
from starlette.types import Message, Receive, Scope

from app.errors import PayloadTooLarge

BODILESS = frozenset({"GET", "HEAD", "OPTIONS"})


def bounded(scope: Scope, receive: Receive, limit: int) -> Receive:
    """Refuse a body over the limit: by its announced length at once, else while it streams in."""
    if scope["method"] in BODILESS:
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
