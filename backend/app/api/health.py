"""Is it alive, can it serve, how is everything: for load balancers, operators and Prometheus.

Who is not known is told only whether we serve; reasons name what we lean on.
"""

from typing import Any, Final

from fastapi import APIRouter, Response
from fastapi.responses import PlainTextResponse

from app.api.access import IsAdmin
from app.api.deps import PortsDep
from app.api.marketplaces import Kept
from app.api.metrics_port import CONTENT_TYPE, exposition
from app.api.problems import declared
from app.api.schemas.operations import Alive, CheckOut, Health, Serving
from app.core import metrics
from app.core.clock import utc_now
from app.ports import Ports
from app.services import health

router = APIRouter(tags=["health"])

kept_serving: Final[Kept[bool]] = Kept()
"""So that strangers cannot make us look at every dependency as often as they like."""
_DOWN: Final[dict[int | str, dict[str, Any]]] = {
    503: {"model": Health | Serving, "description": "The database does not answer"}
}


@router.get("/livez", operation_id="get_liveness", responses=declared(422))
async def livez() -> Alive:
    """The process runs. Asks nothing else."""
    return Alive(status="ok")


@router.get("/readyz", operation_id="get_readiness", responses=declared(422, 503))
def readyz() -> Alive:
    """The process can serve: its database answers within a second."""
    health.database_answers()
    return Alive(status="ok")


@router.get(
    "/health",
    operation_id="get_health",
    response_model=Health | Serving,
    responses={**declared(400, 422), **_DOWN},
)
def get_health(response: Response, ports: PortsDep, is_admin: IsAdmin) -> Health | Serving:
    """For admins every dependency's state, for others whether we serve. 503 when nothing can be served."""
    if not is_admin:
        serves = kept_serving.get(lambda: _look(ports).status != "down")
        response.status_code = 200 if serves else 503
        return Serving(status="ok" if serves else "not_ok")
    found = _look(ports)
    response.status_code = 503 if found.status == "down" else 200
    return found


def _look(ports: Ports) -> Health:
    checks = health.report(ports, now=utc_now())
    return Health.model_validate(
        {
            "status": health.overall(checks),
            "version": metrics.app_version(),
            "checks": {
                name: CheckOut.model_validate({"status": check.status, "detail": check.detail})
                for name, check in checks.items()
            },
        }
    )


@router.get(
    "/metrics",
    operation_id="get_metrics",
    response_class=PlainTextResponse,
    responses=declared(400, 401, 403, 422, 429, 503),
)
def get_metrics() -> Response:
    """Prometheus' text format, summed over this machine's processes. METRICS_PORT serves it without a key."""
    return Response(exposition(), media_type=CONTENT_TYPE)
