"""Deals as a buyer reads them: the list by hand-written SQL, one deal with its evidence by ORM."""

from app.services.deals.detail import DealDetail, get_deal
from app.services.deals.filters import COUNT_CAP, MAX_LIMIT, DealFilters, Sort
from app.services.deals.listing import DealPage, forget_statistics, read_page

__all__ = [
    "COUNT_CAP",
    "MAX_LIMIT",
    "DealDetail",
    "DealFilters",
    "DealPage",
    "Sort",
    "forget_statistics",
    "get_deal",
    "read_page",
]
