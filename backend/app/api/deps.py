"""What routes depend on: a session that is committed before the reply starts, the process's
adapters and keys, and queries without unknown parameters.
"""

from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.dependencies.models import Dependant

from app.core.crypto import Sealer
from app.core.settings import Settings, get_settings
from app.db.session import Session, transaction
from app.errors import InvalidInput
from app.ports import Ports

SettingsDep = Annotated[Settings, Depends(get_settings)]


def get_session() -> Iterator[Session]:
    """One transaction per request, committed before the reply begins."""
    with transaction() as session:
        yield session


SessionDep = Annotated[Session, Depends(get_session, scope="function")]


def get_ports(request: Request) -> Ports:
    """The process's adapters."""
    ports: Ports = request.app.state.ports
    return ports


PortsDep = Annotated[Ports, Depends(get_ports)]


def get_sealer(settings: SettingsDep) -> Sealer:
    """What seals and opens secrets at rest."""
    return Sealer.from_settings(settings)


SealerDep = Annotated[Sealer, Depends(get_sealer)]


_known: dict[int, frozenset[str]] = {}


async def known_query_only(request: Request) -> None:
    """Refuse query parameters that the route does not declare, and doubled ones.

    A misspelt filter that is silently ignored shows the wrong rows with a straight face. Async only
    so that it does not cost a trip to the thread pool.
    """
    if not request.scope["query_string"]:
        return
    names = _declared(request.scope["route"])
    seen: set[str] = set()
    faults: list[dict[str, Any]] = []
    for name, _ in request.query_params.multi_items():
        if name not in names:
            faults.append(_fault(name, "Unknown query parameter", "unknown_parameter"))
        elif name in seen:
            faults.append(_fault(name, "Given more than once", "repeated_parameter"))
        seen.add(name)
    if faults:
        raise InvalidInput(
            "The query has parameters that this operation does not take.", errors=faults
        )


def _fault(name: str, msg: str, kind: str) -> dict[str, Any]:
    return {"loc": ["query", name[:100]], "msg": msg, "type": kind}


def _query_names(dependant: Dependant) -> Iterator[str]:
    for field in dependant.query_params:
        yield field.alias
    for inner in dependant.dependencies:
        yield from _query_names(inner)


def _declared(route: Any) -> frozenset[str]:
    names = _known.get(id(route))
    if names is None:
        by_hand = (route.openapi_extra or {}).get("parameters", ())
        names = frozenset(_query_names(route.dependant)) | {
            parameter["name"] for parameter in by_hand if parameter["in"] == "query"
        }
        _known[id(route)] = names
    return names
