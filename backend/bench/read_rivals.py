"""What the deals list is measured against, served by uvicorn like the product.

`bare`: Starlette and asyncpg on the very statements the product sends, without reading the query,
choosing a way, sealing cursors, measuring, logging or limits. `route`: the product's own route without
its middleware.
"""

import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.api import deals
from app.core.settings import get_settings
from app.db.read import SESSION_OPTIONS, close_read_pool, open_read_pool

_SCRIPTS: dict[bytes, dict[str, Any]] = {}
if script_file := os.environ.get("BENCH_SCRIPTS"):
    from bench.read_data import revive

    _SCRIPTS = {
        path.partition("?")[2].encode(): revive(script)
        for path, script in json.loads(Path(script_file).read_text()).items()
    }
_pool: asyncpg.Pool


async def _no_reset(connection: asyncpg.Connection) -> None:
    """The product's pool sends nothing between requests either."""


@asynccontextmanager
async def _pooled(_: Starlette) -> AsyncIterator[None]:
    global _pool
    settings = get_settings()
    options = dict(pair.split("=", 1) for pair in SESSION_OPTIONS.replace("-c ", "").split())
    _pool = await asyncpg.create_pool(
        settings.database_dsn,
        min_size=settings.read_pool_size,
        max_size=settings.read_pool_size,
        server_settings=options,
        statement_cache_size=400,
        reset=_no_reset,
    )
    async with _pool:
        yield


async def _deals(request: Request) -> Response:
    script = _SCRIPTS[request.scope["query_string"]]
    async with _pool.acquire() as connection:
        for statement, values in script["statements"]:
            row = await connection.fetchrow(statement, *values)
    body = b"".join((b'{"items":[', (row[0] or "").encode(), script["tail"]))
    return Response(body, media_type="application/json")


bare = Starlette(routes=[Route("/buyer/deals", _deals)], lifespan=_pooled)


@asynccontextmanager
async def _read_pool(_: FastAPI) -> AsyncIterator[None]:
    await open_read_pool()
    yield
    await close_read_pool()


route = FastAPI(lifespan=_read_pool)
route.include_router(deals.router)
