"""The simulator as a whole: the market and everything that answers for it. Routes find it at `request.app.state.sim`."""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from ebay_sim.auth import INSIGHTS_SCOPE, METADATA_SCOPE, SCOPE, Credentials, Tokens
from ebay_sim.faults import Faults
from ebay_sim.ledger import Ledger
from ebay_sim.quota import Quota
from ebay_sim.world.clock import Clock, parse_stamp
from ebay_sim.world.world import World


@dataclass(frozen=True, slots=True)
class Options:
    """How to start it. `now` and `speed` are for tests; `state` keeps the clock over restarts."""

    listings: int = 20_000
    seed: int = 7
    client_id: str = "demo-app"
    client_secret: str = "demo-secret"  # noqa: S105 - the simulator's, replaced by the stack
    insights: bool = True
    browse_limit: int = 5_000
    public_base: str | None = None
    state: Path | None = None
    now: float | None = None
    speed: float = 1.0

    @classmethod
    def from_env(cls, env: Mapping[str, str] = os.environ, **given: Any) -> "Options":
        """Options from the environment; what is `given` and not None goes first."""
        named: dict[str, tuple[str, Callable[[str], object]]] = {
            "listings": ("SIM_LISTINGS", int),
            "seed": ("SIM_SEED", int),
            "client_id": ("EBAY_SIM_CLIENT_ID", str),
            "client_secret": ("EBAY_SIM_CLIENT_SECRET", str),
            "insights": ("EBAY_SIM_INSIGHTS", lambda text: text != "0"),
            "browse_limit": ("EBAY_SIM_BROWSE_LIMIT", int),
            "public_base": ("EBAY_SIM_PUBLIC_BASE", str),
            "now": ("EBAY_SIM_NOW", parse_stamp),
        }
        read: dict[str, Any] = {
            name: parse(env[variable])
            for name, (variable, parse) in named.items()
            if env.get(variable)
        }
        return cls(**read | {name: value for name, value in given.items() if value is not None})


class Simulator:
    """The market, its tokens, limits, faults and ledger, for one set of options."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.clock = Clock(options.now, speed=options.speed)
        self._load_state()
        self.world = World(seed=options.seed, listings=options.listings, clock=self.clock)
        granted = {SCOPE, METADATA_SCOPE} | ({INSIGHTS_SCOPE} if options.insights else set())
        self.tokens = Tokens(Credentials(options.client_id, options.client_secret), granted=granted)
        self.ledger = Ledger()
        self.faults = Faults()
        self.quota = Quota(self.clock.now, browse_limit=options.browse_limit)

    def enter(self, request: Request, api: str, *scopes: str) -> None:
        """What every eBay call passes first: a token with one of these scopes, the day's limit, a market up to date."""
        self.tokens.require(request.headers.get("authorization"), scopes)
        self.quota.spend(api)
        self.world.refresh()

    def base_of(self, request: Request) -> str:
        """The address under which browsers reach images and item pages."""
        return (self.options.public_base or str(request.base_url)).rstrip("/")

    def save_state(self) -> None:
        """Writes the clock's offset, if there is a state file to keep."""
        if self.options.state is not None:
            state = {
                "seed": self.options.seed,
                "listings": self.options.listings,
                "clock_offset": self.clock.offset,
            }
            partial = self.options.state.with_suffix(".partial")
            partial.write_text(json.dumps(state))
            partial.replace(self.options.state)

    def _load_state(self) -> None:
        """Takes the clock's offset over. Another seed or size is another market, whose state means nothing here."""
        path = self.options.state
        if path is None or not path.exists() or self.options.now is not None:
            return
        state = json.loads(path.read_text())
        if (state.get("seed"), state.get("listings")) == (self.options.seed, self.options.listings):
            self.clock.set(advance_s=float(state["clock_offset"]))


def simulator_of(request: Request) -> Simulator:
    """The simulator that answers this request."""
    sim = request.app.state.sim
    assert isinstance(sim, Simulator)
    return sim


def marketplace_of(request: Request) -> str:
    """Missing or unknown means EBAY_US, as on eBay; it is the only marketplace that is simulated."""
    return "EBAY_US"


def json_response(
    body: object, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """A JSON answer."""
    return Response(orjson.dumps(body), status, headers, "application/json")
