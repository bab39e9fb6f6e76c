"""Where a request came from and who stands behind it, for sessions and for the audit log."""

from typing import Annotated

from fastapi import Depends, Request

from app.api.access import find_caller
from app.api.peer import client_ip
from app.services.audit import Actor
from app.services.sessions import Origin


def get_origin(request: Request) -> Origin:
    """The peer's address and what it calls itself."""
    return Origin(
        ip=client_ip(request.scope, request.app.state.settings),
        user_agent=request.headers.get("user-agent", ""),
    )


OriginDep = Annotated[Origin, Depends(get_origin)]


def get_actor(request: Request, origin: OriginDep) -> Actor:
    """Who does this; nobody known before sign-in."""
    caller = find_caller(request)
    if caller is None:
        return Actor(None, ip=origin.ip)
    return Actor(caller.user_id, caller.key_id, origin.ip)


ActorDep = Annotated[Actor, Depends(get_actor)]
