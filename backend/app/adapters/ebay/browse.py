"""Live listings by eBay's Browse API v1: search and single items."""

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, TypeVar
from urllib.parse import quote, urlencode

import structlog

from app.adapters.ebay import mapping
from app.adapters.ebay.errors import Malformed, read_success, refuse_warnings
from app.adapters.ebay.filters import Filters, query_text
from app.adapters.ebay.oauth import BASE_SCOPE, ApplicationTokens
from app.adapters.http import Answer, HttpClient, TryAgain
from app.core.cache import Cache
from app.core.clock import utc_now
from app.core.metrics import PARSE_REJECTS
from app.ports import (
    AuthExpired,
    Gone,
    ListingPage,
    RawListing,
    Rejected,
    RejectedRow,
    SearchQuery,
    Unavailable,
)

log = structlog.get_logger(__name__)

T = TypeVar("T")

QUOTA_SERVICE: Final = "ebay_browse"
CACHE_SPACE: Final = "marketplace"
MAX_LIMIT: Final = 200
MAX_OFFSET: Final = 9_999


class BrowseApi:
    """The Browse API with a token, a day budget and a short memory for identical questions."""

    def __init__(
        self,
        http: HttpClient,
        tokens: ApplicationTokens,
        *,
        api_base: str,
        marketplace_id: str,
        cache: Cache,
        cache_ttl_s: int,
        spend: Callable[[str], None],
        seller_secret: bytes = b"",
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._http = http
        self._tokens = tokens
        self._base = f"{api_base.rstrip('/')}/buy/browse/v1"
        self._marketplace_id = marketplace_id
        self._cache = cache
        self._cache_ttl_s = cache_ttl_s
        self._spend = spend
        self._seller_secret = seller_secret
        self._clock = clock

    def search(self, query: SearchQuery) -> ListingPage:
        """One page of live listings of both buying options, newest first."""
        url = f"{self._base}/item_summary/search?{urlencode(search_parameters(query), quote_via=quote)}"
        key = hashlib.sha256(f"{self._marketplace_id} {url}".encode()).hexdigest()
        kept = self._cache.get(CACHE_SPACE, key) if self._cache_ttl_s > 0 else None
        if kept is not None:
            return self._page(json.loads(kept), query, from_cache=True)
        body = self._get(
            "browse.search", url, lambda answer: _search_body(answer, query, self._seller_secret)
        )
        if self._cache_ttl_s > 0:
            content = json.dumps(body, default=str).encode()
            self._cache.set(CACHE_SPACE, key, content, self._cache_ttl_s)
        return self._page(body, query, from_cache=False)

    def get(self, external_id: str) -> RawListing:
        """The listing with eBay's itemId. Gone when it is over, sold out or unknown."""
        url = f"{self._base}/item/{quote(external_id, safe='')}"
        return self._item(self._get("browse.get_item", url, self._item_body))

    def get_by_legacy_id(self, legacy_item_id: str) -> RawListing:
        """The listing whose number stands in its page's address. Gone as for `get`."""
        parameters = urlencode({"legacy_item_id": legacy_item_id})
        url = f"{self._base}/item/get_item_by_legacy_id?{parameters}"
        return self._item(self._get("browse.get_item_by_legacy_id", url, self._item_body))

    def _get(self, operation: str, url: str, read: Callable[[Answer], T]) -> T:
        return authorized_get(
            self._http,
            self._tokens,
            (BASE_SCOPE,),
            operation,
            url,
            marketplace_id=self._marketplace_id,
            read=read,
            before=lambda: self._spend(QUOTA_SERVICE),
        )

    def _page(
        self, body: Mapping[str, Any], query: SearchQuery, *, from_cache: bool
    ) -> ListingPage:
        now = self._clock()
        read = [mapping.listing(row, now=now) for row in body.get("itemSummaries") or ()]
        rejected = [row for row in read if isinstance(row, RejectedRow)]
        if not from_cache:
            for row in rejected:
                PARSE_REJECTS.labels(mapping.SOURCE, row.reason).inc()
        return ListingPage(
            listings=[row for row in read if isinstance(row, RawListing)],
            rejected=rejected,
            total=int(body["total"]),
            has_more=bool(body.get("next")) and query.offset + query.limit <= MAX_OFFSET,
            from_cache=from_cache,
        )

    def _item_body(self, answer: Answer) -> dict[str, Any]:
        body: dict[str, Any] = mapping.without_person(read_success(answer), self._seller_secret)
        return body

    def _item(self, body: Mapping[str, Any]) -> RawListing:
        now = self._clock()
        item = mapping.listing(body, now=now)
        if isinstance(item, RejectedRow):
            PARSE_REJECTS.labels(mapping.SOURCE, item.reason).inc()
            raise Unavailable(f"eBay's answer for {item.external_id} cannot be read: {item.reason}")
        if mapping.is_over(body, now=now):
            raise Gone(f"{item.external_id} is no longer for sale")
        return item


def authorized_get(
    http: HttpClient,
    tokens: ApplicationTokens,
    scopes: tuple[str, ...],
    operation: str,
    url: str,
    *,
    marketplace_id: str,
    read: Callable[[Answer], T],
    before: Callable[[], None],
) -> T:
    """A GET with an application token; a token that eBay no longer takes is renewed once."""
    for last in (False, True):
        token = tokens.get(*scopes)
        try:
            return http.call(
                operation,
                "GET",
                url,
                read=read,
                headers={
                    "Authorization": f"Bearer {token}",
                    "Accept-Language": "en-US",
                    "X-EBAY-C-MARKETPLACE-ID": marketplace_id,
                },
                before=before,
            )
        except AuthExpired:
            tokens.drop(token)
            if last:
                raise
            log.info("external.token_renewed", operation=operation)
    raise AssertionError("unreachable")


def search_parameters(query: SearchQuery) -> dict[str, str]:
    """The query as eBay's parameters. Rejected when eBay could not answer it."""
    words = query_text(query.words)
    if not words and not query.category_id:
        raise Rejected("a search needs words or a category")
    if not 1 <= query.limit <= MAX_LIMIT or query.offset % query.limit:
        raise Rejected("a page holds 1 to 200 rows and starts at a multiple of its size")
    if not 0 <= query.offset <= MAX_OFFSET:
        raise Rejected("eBay gives at most the first 10,000 rows of an answer")
    filters = Filters(buying_options=("FIXED_PRICE", "AUCTION"), started_since=query.listed_since)
    parameters = {"q": words, "category_ids": query.category_id, "filter": str(filters)}
    parameters |= {"fieldgroups": "MATCHING_ITEMS,EXTENDED"}  # with city and short description
    parameters |= {"sort": "newlyListed", "limit": str(query.limit), "offset": str(query.offset)}
    return {name: value for name, value in parameters.items() if value}


def _search_body(answer: Answer, query: SearchQuery, seller_secret: bytes) -> dict[str, Any]:
    """A search answer of the promised shape, its rows without the sellers' names."""
    body = read_success(answer)
    refuse_warnings(body)
    return page_body(body, "itemSummaries", query, seller_secret)


def page_body(
    body: Mapping[str, Any], rows_name: str, query: SearchQuery, seller_secret: bytes = b""
) -> dict[str, Any]:
    """What we keep of a page: total, next, rows. TryAgain where the shape has drifted."""
    total = body.get("total")
    if isinstance(total, bool) or not isinstance(total, int) or total < 0:
        raise TryAgain(Malformed("eBay's answer has no total"))
    rows = body.get(rows_name)
    promised = total > query.offset or body.get("next")
    if rows is None and not promised:
        rows = []
    if not isinstance(rows, list):
        raise TryAgain(Malformed(f"eBay's answer promises rows but has no list of {rows_name}"))
    return {
        "total": total,
        "next": body.get("next"),
        rows_name: [mapping.without_person(row, seller_secret) for row in rows[:MAX_LIMIT]],
    }
