"""create_app: all routes over one simulator, inside the layer of scripted faults."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from ebay_sim import pages
from ebay_sim.api import analytics, browse, control, insights, oauth, taxonomy
from ebay_sim.errors import EbayError
from ebay_sim.faults import FaultLayer
from ebay_sim.simulator import Options, Simulator, json_response

ROUTES = [
    *oauth.ROUTES,
    *browse.ROUTES,
    *insights.ROUTES,
    *taxonomy.ROUTES,
    *analytics.ROUTES,
    *control.ROUTES,
    *pages.ROUTES,
]


async def _render(_: Request, error: Exception) -> Response:
    assert isinstance(error, EbayError)
    return json_response(error.body, error.status, error.headers)


def create_app(options: Options | None = None) -> ASGIApp:
    """Builds the market before it returns, which takes seconds for large ones."""
    sim = Simulator(options or Options.from_env())
    app = Starlette(routes=ROUTES, exception_handlers={EbayError: _render})
    app.state.sim = sim
    return FaultLayer(app, sim=lambda: (sim.faults, sim.ledger, sim.clock.now))
