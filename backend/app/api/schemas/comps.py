"""The store of comparables on the wire. Output fields have no defaults."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from app.api.schemas.operations import JobAddress


class RowErrorOut(BaseModel):
    """Why a row was not taken. `line` 1 is the header; `column` is null where the whole row is wrong."""

    model_config = ConfigDict(from_attributes=True)

    line: int
    column: str | None
    code: str
    message: str
    value: str | None


class ImportResult(BaseModel):
    """What became of the rows: `read` is the sum of `stored`, `updated`, `unchanged` and `rejected`.

    `errors`: the first 1,000 refusals. `job` has the listings valued again; null when nothing changed.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "read": 1000,
                "stored": 998,
                "updated": 0,
                "unchanged": 1,
                "rejected": 1,
                "errors": [
                    {
                        "line": 17,
                        "column": "price",
                        "code": "decimal_comma",
                        "message": "Write a point before the cents and commas between thousands: 1,234.50.",
                        "value": "1.234,50",
                    }
                ],
                "job": {
                    "id": "0192f1c2-a7b0-7c3e-9d1e-2f3a4b5c6d7e",
                    "address": "/jobs/0192f1c2-a7b0-7c3e-9d1e-2f3a4b5c6d7e",
                },
            }
        }
    )

    read: int
    stored: int
    updated: int
    unchanged: int
    rejected: int
    errors: list[RowErrorOut]
    job: JobAddress | None


class LicenceOut(BaseModel):
    """The terms that comparables are kept and used on."""

    id: str
    name: str
    summary: str


class HoldingOut(BaseModel):
    """Comparables of one source, kind and category. `may_feed_pricing`: whether estimates use them now."""

    source: str
    kind: Literal["sold", "own_sale", "imported", "asking"]
    category: str
    category_name: str | None
    comps: int
    newest_at: datetime
    licence: LicenceOut | None
    may_feed_pricing: bool


class HoldingList(BaseModel):
    """The whole store; one page. `total` counts the items, `comps` the comparables in them."""

    items: list[HoldingOut]
    next: None
    total: int
    comps: int
