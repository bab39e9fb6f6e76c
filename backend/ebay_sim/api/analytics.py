"""Developer Analytics v1 beta: how many calls are left today. The same counters that answer 429."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ebay_sim.auth import SCOPE
from ebay_sim.simulator import json_response, simulator_of


async def rate_limits(request: Request) -> Response:
    """GetRateLimits; 204 when no API matches."""
    sim = simulator_of(request)
    sim.enter(request, "analytics", SCOPE)
    rates = sim.quota.rates(
        context=request.query_params.get("api_context"), name=request.query_params.get("api_name")
    )
    return json_response({"rateLimits": rates}) if rates else Response(status_code=204)


ROUTES = [
    Route("/developer/analytics/v1_beta/rate_limit/", rate_limits),
    Route("/developer/analytics/v1_beta/rate_limit", rate_limits),
]
