"""Past sales by eBay's Marketplace Insights API v1 beta, which few keysets may read."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import quote, urlencode

from app.adapters.ebay import mapping
from app.adapters.ebay.browse import MAX_LIMIT, MAX_OFFSET, authorized_get, page_body
from app.adapters.ebay.errors import read_success, refuse_warnings
from app.adapters.ebay.filters import Filters, query_text
from app.adapters.ebay.oauth import BASE_SCOPE, INSIGHTS_SCOPE, ApplicationTokens
from app.adapters.http import Answer, HttpClient
from app.core.clock import utc_now
from app.core.metrics import PARSE_REJECTS
from app.ports import NotGranted, Rejected, RejectedRow, SearchQuery, SoldItem, SoldPage

QUOTA_SERVICE: Final = "ebay_insights"

LOOK_BACK: Final = timedelta(days=90)
"""How far back eBay answers (Marketplace Insights v1_beta.2.2)."""


class InsightsApi:
    """Sold items. Off unless enabled: asking without the grant would only spend calls."""

    def __init__(
        self,
        http: HttpClient,
        tokens: ApplicationTokens,
        *,
        api_base: str,
        marketplace_id: str,
        enabled: bool,
        spend: Callable[[str], None],
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._http = http
        self._tokens = tokens
        self._base = f"{api_base.rstrip('/')}/buy/marketplace_insights/v1_beta"
        self._marketplace_id = marketplace_id
        self._enabled = enabled
        self._spend = spend
        self._clock = clock

    def sold(self, query: SearchQuery) -> SoldPage:
        """One page of sales; `listed_since` means sold since, at most 90 days back.

        NotGranted when switched off or when eBay says so; there is no other source to fall back to.
        """
        if not self._enabled:
            raise NotGranted("eBay Marketplace Insights is off (EBAY_MARKETPLACE_INSIGHTS_ENABLED)")
        url = (
            f"{self._base}/item_sales/search?{urlencode(self._parameters(query), quote_via=quote)}"
        )
        body = authorized_get(
            self._http,
            self._tokens,
            (BASE_SCOPE, INSIGHTS_SCOPE),
            "insights.sold",
            url,
            marketplace_id=self._marketplace_id,
            read=lambda answer: _sold_body(answer, query),
            before=lambda: self._spend(QUOTA_SERVICE),
        )
        read = [mapping.sold_item(row) for row in body["itemSales"]]
        rejected = [row for row in read if isinstance(row, RejectedRow)]
        for row in rejected:
            PARSE_REJECTS.labels(mapping.SOURCE, row.reason).inc()
        return SoldPage(
            sales=[row for row in read if isinstance(row, SoldItem)],
            rejected=rejected,
            total=int(body["total"]),
            has_more=bool(body["next"]) and query.offset + query.limit <= MAX_OFFSET,
        )

    def _parameters(self, query: SearchQuery) -> Mapping[str, str]:
        words = query_text(query.words)
        if not words and not query.category_id:
            raise Rejected("a search needs words or a category")
        if not 1 <= query.limit <= MAX_LIMIT or query.offset % query.limit:
            raise Rejected("a page holds 1 to 200 rows and starts at a multiple of its size")
        earliest = self._clock() - LOOK_BACK + timedelta(minutes=5)
        since = max(query.listed_since or earliest, earliest)
        parameters = {
            "q": words,
            "category_ids": query.category_id,
            "filter": str(Filters(sold_since=since)),
            "limit": str(query.limit),
            "offset": str(query.offset),
        }
        return {name: value for name, value in parameters.items() if value}


def _sold_body(answer: Answer, query: SearchQuery) -> dict[str, Any]:
    body = read_success(answer)
    refuse_warnings(body)
    return page_body(body, "itemSales", query)
