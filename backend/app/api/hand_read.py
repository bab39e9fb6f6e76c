"""Routes that read the request themselves, for the hot path: declared like any other, at a fraction of the cost."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute

Endpoint = Callable[[Request], Coroutine[Any, Any, Response]]


class HandRead(APIRoute):
    """A route whose endpoint reads the request itself, so nothing is solved or validated before it.

    Dependencies of the application do not run for it: its endpoint refuses unknown parameters on its
    own. It is answered at the edge (`app.api.middleware`) when its path has no parameters.
    """

    def get_route_handler(self) -> Endpoint:
        """The endpoint as it is."""
        endpoint: Endpoint = self.endpoint
        return endpoint


def hand_read_routes(router: APIRouter) -> list[HandRead]:
    """Those of a router."""
    return [route for route in router.routes if isinstance(route, HandRead)]
