"""The token endpoint. It grants application tokens; user tokens need a consent page, which does not exist here yet."""

from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ebay_sim.auth import TOKEN_LIFE_S, OAuthRefusal
from ebay_sim.simulator import json_response, simulator_of


async def token(request: Request) -> Response:
    """Client credentials in, application token out; everything else is refused as eBay does."""
    sim = simulator_of(request)
    try:
        if (
            request.headers.get("content-type", "").partition(";")[0].strip()
            != "application/x-www-form-urlencoded"
        ):
            raise OAuthRefusal(
                400, "invalid_request", "request body must be application/x-www-form-urlencoded"
            )
        sim.tokens.check_client(request.headers.get("authorization"))
        form = parse_qs((await request.body()).decode("utf-8", "replace"), keep_blank_values=True)
        grant = form.get("grant_type", [""])[0]
        if grant in ("authorization_code", "refresh_token"):
            raise OAuthRefusal(
                400,
                "invalid_grant",
                f"the provided {'code' if grant[0] == 'a' else 'refresh token'} is invalid or expired",
            )
        if grant != "client_credentials":
            raise OAuthRefusal(
                400,
                "unsupported_grant_type",
                "grant type in request is not supported by the authorization server",
            )
        scopes = form.get("scope", [""])[0].split()
        if not scopes or not set(scopes) <= sim.tokens.granted:
            raise OAuthRefusal(
                400,
                "invalid_scope",
                "The requested scope is invalid, unknown, malformed, or exceeds the scope granted to the client",
            )
    except OAuthRefusal as refusal:
        sim.ledger.count(f"oauth.{refusal.body['error']}")
        return json_response(refusal.body, refusal.status)
    sim.ledger.count("oauth.mint")
    return json_response(
        {
            "access_token": sim.tokens.mint(scopes),
            "expires_in": TOKEN_LIFE_S,
            "token_type": "Application Access Token",
        },
        headers={"Cache-Control": "no-store"},
    )


ROUTES = [Route("/identity/v1/oauth2/token", token, methods=["POST"])]
