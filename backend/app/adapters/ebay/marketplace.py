"""eBay as one of the product's marketplaces."""

from collections.abc import Callable
from hashlib import sha256
from typing import Final

from app.adapters.ebay.browse import BrowseApi
from app.adapters.ebay.insights import InsightsApi
from app.adapters.ebay.oauth import ApplicationTokens, Credentials
from app.adapters.http import HttpClient, Policy
from app.core.cache import Cache
from app.core.settings import Settings
from app.ports import ListingPage, RawListing, SearchQuery, SoldPage


class EbayMarketplace:
    """The Marketplace port on eBay's Browse and Marketplace Insights APIs."""

    source: Final = "ebay"

    def __init__(self, browse: BrowseApi, insights: InsightsApi) -> None:
        self.browse = browse
        self.insights = insights

    @classmethod
    def from_settings(
        cls,
        settings: Settings,
        *,
        cache: Cache,
        spend: Callable[[str], None],
        policy: Policy | None = None,
    ) -> "EbayMarketplace":
        """Build it as the settings describe; `spend` counts a call of a service before it is made."""
        http = HttpClient("ebay", policy)
        secret, session_key = settings.ebay_client_secret, settings.session_key
        tokens = ApplicationTokens(
            http,
            settings.ebay_api_base,
            Credentials(settings.ebay_app_id, secret.get_secret_value() if secret else ""),
            spend=spend,
        )
        return cls(
            BrowseApi(
                http,
                tokens,
                api_base=settings.ebay_api_base,
                marketplace_id=settings.ebay_marketplace_id,
                cache=cache,
                cache_ttl_s=settings.marketplace_cache_ttl_s,
                spend=spend,
                seller_secret=seller_secret(session_key.get_secret_value() if session_key else ""),
            ),
            InsightsApi(
                http,
                tokens,
                api_base=settings.ebay_api_base,
                marketplace_id=settings.ebay_marketplace_id,
                enabled=bool(settings.ebay_marketplace_insights_enabled),
                spend=spend,
            ),
        )

    def search(self, query: SearchQuery) -> ListingPage:
        """Live listings, newest first."""
        return self.browse.search(query)

    def get(self, external_id: str) -> RawListing:
        """One live listing; Gone when it is over."""
        return self.browse.get(external_id)

    def sold(self, query: SearchQuery) -> SoldPage:
        """Past sales; NotGranted where the keyset may not read them."""
        return self.insights.sold(query)


def seller_secret(session_key: str) -> bytes:
    """The secret that sellers' keys are made with: this installation's own, and used for nothing else.

    Empty without a session key: sellers then have no keys, and rules about other sellers stay silent.
    """
    return sha256(b"sellers\n" + session_key.encode()).digest() if session_key else b""
