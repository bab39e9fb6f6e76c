"""GET /marketplaces and GET /categories. The counts are kept for a short while: they read an index from end to end."""

from collections.abc import Callable
from threading import Lock
from time import monotonic
from typing import Final, Generic, TypeVar

from app.api.deps import SessionDep
from app.api.idempotent import Router
from app.api.problems import declared
from app.api.schemas.marketplaces import Category, CategoryList, Marketplace, MarketplaceList
from app.services import marketplaces

router = Router(tags=["marketplaces"])

KEPT_S: Final = 3.0
T = TypeVar("T")


class Kept(Generic[T]):
    """A value kept for KEPT_S seconds; one caller renews it while the others wait for it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._made_at = float("-inf")
        self._value: T | None = None

    def get(self, make: Callable[[], T]) -> T:
        """The kept value, or a new one from `make`."""
        with self._lock:
            if self._value is None or monotonic() - self._made_at > KEPT_S:
                self._value = make()
                self._made_at = monotonic()
            return self._value

    def forget(self) -> None:
        """Make the value anew at the next call."""
        self._made_at = float("-inf")


kept_marketplaces: Kept[MarketplaceList] = Kept()
kept_categories: Kept[CategoryList] = Kept()


@router.get(
    "/marketplaces",
    operation_id="list_marketplaces",
    name="list_marketplaces",
    response_model=MarketplaceList,
    responses=declared(422, 503),
)
def list_marketplaces(session: SessionDep) -> MarketplaceList:
    """Every marketplace, how well it is read just now, and what its terms allow."""

    def make() -> MarketplaceList:
        items = [
            Marketplace(
                id=found.policy.source,
                name=found.policy.name,
                state=found.state,
                reason=found.reason,
                last_scan_at=found.last_scan_at,
                live_listings=found.live_listings,
                max_age_seconds=int(found.max_age.total_seconds()),
                mixable=found.policy.mixable,
                simulated=found.simulated,
                pricing_permitted=found.pricing_permitted,
                sales_state=found.sales.state,
                sales_reason=found.sales.reason,
            )
            for found in marketplaces.list_marketplaces(session)
        ]
        return MarketplaceList(items=items, next=None, total=len(items))

    return kept_marketplaces.get(make)


@router.get(
    "/categories",
    operation_id="list_categories",
    name="list_categories",
    response_model=CategoryList,
    responses=declared(422, 503),
)
def list_categories(session: SessionDep) -> CategoryList:
    """Categories with deals, the fullest first, for the list's `category` filter."""

    def make() -> CategoryList:
        items = [
            Category(id=found.id, name=found.name, marketplace=found.source, deals=found.deals)
            for found in marketplaces.list_categories(session)
        ]
        return CategoryList(items=items, next=None, total=len(items))

    return kept_categories.get(make)
