"""Is it alive, can it serve, how is everything: for load balancers, operators and Prometheus."""

from fastapi import APIRouter, Response
from fastapi.responses import PlainTextResponse

from app.api.deps import PortsDep, SessionDep, SettingsDep
from app.api.problems import declared
from app.api.schemas.operations import Alive, CheckOut, Health
from app.core import metrics
from app.core.clock import utc_now
from app.services import gauges, health

router = APIRouter(tags=["health"])


@router.get("/livez", operation_id="get_liveness")
async def livez() -> Alive:
    """The process runs. Asks nothing else."""
    return Alive(status="ok")


@router.get("/readyz", operation_id="get_readiness", responses=declared(503))
def readyz() -> Alive:
    """The process can serve: its database answers within a second."""
    health.database_answers()
    return Alive(status="ok")


@router.get(
    "/health",
    operation_id="get_health",
    responses={503: {"model": Health, "description": "The database does not answer"}},
)
def get_health(response: Response, ports: PortsDep) -> Health:
    """Every dependency's state. 200 also when degraded, 503 when nothing can be served."""
    checks = health.report(ports, now=utc_now())
    status = health.overall(checks)
    response.status_code = 503 if status == "down" else 200
    return Health.model_validate(
        {
            "status": status,
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
    responses=declared(503),
)
def get_metrics(session: SessionDep, settings: SettingsDep) -> Response:
    """Prometheus' text format, summed over this machine's processes."""
    gauges.refresh(session, settings, now=utc_now())
    return Response(metrics.exposition(), media_type="text/plain; version=0.0.4; charset=utf-8")
