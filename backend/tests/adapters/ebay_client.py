"""The product's eBay client pointed at a simulator, with every exchange held against eBay's contracts."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from app.adapters.ebay.marketplace import EbayMarketplace
from app.adapters.http import Policy
from app.core.settings import Settings
from tests.contract.openapi_contract import AVAILABLE, validate_exchange

QUICK = Policy(
    connect_s=1,
    read_s=0.4,
    attempt_s=0.6,
    deadline_s=3,
    pause_s=0.01,
    longest_pause_s=0.02,
    max_body_bytes=4_000_000,
)
USUAL = Policy(pause_s=0.01, longest_pause_s=0.02)


@dataclass
class MemoryCache:
    """The cache's three calls over a dict, for tests that need no Valkey."""

    kept: dict[tuple[str, str], bytes] = field(default_factory=dict)

    def get(self, space: str, key: str) -> bytes | None:
        return self.kept.get((space, key))

    def set(self, space: str, key: str, value: bytes, ttl_s: int) -> None:
        if ttl_s > 0:
            self.kept[space, key] = value

    def drop(self, space: str) -> None:
        self.kept = {k: v for k, v in self.kept.items() if k[0] != space}


def settings_for(base: str, **changes: Any) -> Settings:
    told = {
        "demo_mode": True,
        "ebay_client_secret": "demo-secret",
        "ebay_api_base": base,
        "ebay_apiz_base": base,
        "ebay_apim_base": base,
        "ebay_auth_base": base,
        "marketplace_cache_ttl_s": 0,
    }
    return Settings(EBAY_APP_ID="demo-app", **told | changes)


def ebay_at(
    base: str,
    *,
    spend: Callable[[str], None] = lambda service: None,
    cache: Any = None,
    policy: Policy = USUAL,
    checked: bool = True,
    **changes: Any,
) -> EbayMarketplace:
    """The client as the product builds it. `checked`: each exchange must keep to eBay's contract."""
    market = EbayMarketplace.from_settings(
        settings_for(base, **changes), cache=cache or MemoryCache(), spend=spend, policy=policy
    )
    if checked and AVAILABLE:
        market.browse._http._client.event_hooks = {"response": [_check]}
    return market


def _check(response: httpx.Response) -> None:
    response.read()
    request = response.request
    validate_exchange(
        request.method,
        str(request.url),
        dict(request.headers),
        request.content or None,
        response.status_code,
        dict(response.headers),
        response.content,
    )
