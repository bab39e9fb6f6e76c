"""A simulator on a free port, in a thread of the test run: real HTTP, small market, time that stands still."""

import contextlib
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import httpx
import uvicorn

from ebay_sim.asgi import create_app
from ebay_sim.auth import INSIGHTS_SCOPE, SCOPE
from ebay_sim.simulator import Options
from ebay_sim.world.clock import parse_stamp

NOON = parse_stamp("2026-11-20T12:00:00Z")
SMALL = Options(listings=2_000, seed=7, now=NOON, speed=0.0)


@dataclass
class Served:
    """A running simulator and a client with a token for every scope it grants."""

    base: str
    http: httpx.Client

    def get(self, path: str, **params: Any) -> httpx.Response:
        return self.http.get(path, params=params)

    def search(self, **params: Any) -> Any:
        answer = self.get("/buy/browse/v1/item_summary/search", **params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def sales(self, **params: Any) -> Any:
        answer = self.get("/buy/marketplace_insights/v1_beta/item_sales/search", **params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def token(self, *scopes: str) -> str:
        form = {"grant_type": "client_credentials", "scope": " ".join(scopes)}
        answer = httpx.post(
            f"{self.base}/identity/v1/oauth2/token", data=form, auth=("demo-app", "demo-secret")
        )
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    def truth(self, *item_ids: str) -> dict[str, Any]:
        rows: list[dict[str, Any]] = self.get("/sim/truth", ids=",".join(item_ids)).json()
        return {row["id"]: row for row in rows}

    def script(self, **rule: Any) -> None:
        assert self.http.post("/sim/faults", json=rule).status_code == 200


@contextlib.contextmanager
def serve(options: Options = SMALL, **changes: Any) -> Iterator[Served]:
    """Serves until the block ends."""
    changed = replace(options, **changes)
    server = uvicorn.Server(
        uvicorn.Config(
            create_app(changed),
            host="127.0.0.1",
            port=0,
            log_level="error",
            access_log=False,
            timeout_graceful_shutdown=1,
        )
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the simulator did not start"
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    base = f"http://127.0.0.1:{port}"
    with httpx.Client(base_url=base, timeout=20.0) as client:
        served = Served(base, client)
        scopes = (SCOPE, INSIGHTS_SCOPE) if changed.insights else (SCOPE,)
        client.headers["Authorization"] = f"Bearer {served.token(*scopes)}"
        try:
            yield served
        finally:
            server.should_exit = True
            thread.join(timeout=10)
