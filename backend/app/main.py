"""The HTTP application: middleware, routers, the one error renderer. `uvicorn app.main:app`."""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from fastapi import Depends, FastAPI

from app.api import (
    account,
    admin,
    auth,
    comps,
    deals,
    docs,
    health,
    marketplaces,
    pricing,
    problems,
    setup,
    tasks,
)
from app.api.access import authorise
from app.api.deps import known_query_only
from app.api.description import describe
from app.api.hand_read import hand_read_routes
from app.api.limits import Limits, count_what_is_not_there
from app.api.metrics_port import metrics_port
from app.api.middleware import Edge
from app.api.problems import declared
from app.core.logging import configure_logging
from app.core.metrics import app_version
from app.core.settings import Settings, get_settings
from app.db.read import close_read_pool, open_read_pool
from app.wiring import build_ports

log = structlog.get_logger(__name__)

DESCRIPTION = """Marketplace listings, what they are worth, and why.

Money is integer cents with an ISO currency, times are UTC. Lists are `{"items", "next", "total"}`:
pass `next` as `cursor` for the following page; `total` counts to 1,001 and stops there.
Errors are `application/problem+json` with a stable `code` and the request's id."""


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Open the read pool and the port of the metrics for as long as the application serves."""
    for notice in app.state.settings.notices:
        log.warning("settings.notice", notice=notice)
    await open_read_pool(app.state.settings)
    gc.collect()
    gc.freeze()  # what start-up made lives for ever: the collector need not walk it at every turn
    with metrics_port(app.state.settings):
        yield
    await close_read_pool()
    await app.state.limits.close()


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application with every route, as it is shipped."""
    settings = settings or get_settings()
    configure_logging(settings)
    app = FastAPI(
        title="Deal Scout",
        version=app_version(),
        description=DESCRIPTION,
        docs_url=None,
        openapi_url="/openapi.json" if settings.shows_docs else None,
        redoc_url=None,
        lifespan=lifespan,
        telemetry={"tracing": False, "metrics": False, "logs": False},  # we have our own
        dependencies=[Depends(authorise), Depends(known_query_only)],
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.settings = settings
    app.state.ports = build_ports(settings)
    app.state.limits = Limits.from_settings(settings)
    problems.install(app)
    counted = declared(400, 429)  # what the edge may answer to every request that is counted
    # the deals first: routes are tried in order, and these are hot
    for module in (deals, marketplaces, pricing, tasks, comps, setup, auth, account, admin):
        app.include_router(module.router, responses=counted)
    app.include_router(health.router)
    if settings.shows_docs:
        docs.install(app)
    app.openapi = describe(app)  # type: ignore[method-assign]  # as FastAPI documents it
    count_what_is_not_there(app)
    app.add_middleware(
        Edge,
        settings=settings,
        limits=app.state.limits,
        larger_bodies={comps.IMPORT_PATH: settings.comps_import_max_bytes},
        hand_read=hand_read_routes(deals.by_hand),
    )
    return app


app = create_app()
