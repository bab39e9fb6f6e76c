"""The store of comparables: what is in it, and imports by CSV, read as they arrive."""

from collections.abc import AsyncIterator, Iterator
from io import BufferedReader, RawIOBase, TextIOWrapper
from typing import Annotated, Final

from anyio import CapacityLimiter, from_thread, to_thread
from fastapi import Query, Request
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from app.api.deps import SessionDep, SettingsDep
from app.api.idempotent import KEY_HEADER, Router
from app.api.origin import ActorDep
from app.api.problems import declared
from app.api.schemas.comps import (
    HoldingList,
    HoldingOut,
    ImportResult,
    LicenceOut,
    RowErrorOut,
)
from app.api.schemas.deals_query import CategoryId
from app.api.schemas.operations import JobAccepted, JobAddress
from app.core.clock import utc_now
from app.domain.comp_csv import COLUMNS, MAX_LINE
from app.domain.source_policy import LICENCES
from app.errors import BadRequest, InvalidInput
from app.services import audit, comp_import, comps

router = Router(tags=["comparables"], responses=declared(401, 403, 413, 429, 503))

IMPORT_PATH: Final = "/comps/import"
IMPORTS_AT_ONCE: Final = 2
"""More wait their turn with their bodies unread, so that imports never use up the API's threads."""

_turns = CapacityLimiter(IMPORTS_AT_ONCE)

ImportName = Annotated[
    str,
    Query(
        pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$",
        description="The import's name, by which it is replaced and deleted.",
        examples=["my-ledger"],
    ),
]


class KeyNotTaken(InvalidInput):
    """The operation stores row by row as the body arrives, so that no one answer could stand for it."""

    code, status, title = "idempotency_key_not_taken", 422, "Takes no Idempotency-Key"


@router.get("/comps", operation_id="list_comps", name="list_comps", responses=declared(422))
def list_comps(session: SessionDep, settings: SettingsDep) -> HoldingList:
    """What comparables there are, on what terms, and whether estimates use them."""
    permitted = bool(settings.ebay_content_pricing_permitted)
    items = []
    for held in comps.list_holdings(session):
        licence = LICENCES.get(held.licence)
        items.append(
            HoldingOut.model_validate(
                {
                    "source": held.source,
                    "kind": held.kind,
                    "category": held.category_id,
                    "category_name": held.category_name,
                    "comps": held.comps,
                    "newest_at": held.newest_at,
                    "licence": licence
                    and LicenceOut(id=licence.id, name=licence.name, summary=licence.summary),
                    "may_feed_pricing": bool(held.category_id)
                    and licence is not None
                    and licence.may_feed_pricing(permitted=permitted),
                }
            )
        )
    return HoldingList(
        items=items, next=None, total=len(items), comps=sum(item.comps for item in items)
    )


@router.post(
    IMPORT_PATH,
    operation_id="import_comps",
    name="import_comps",
    responses=declared(400, 413, 415, 422),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "text/csv": {
                    "schema": {"type": "string"},
                    "example": "title,price,condition,category,sold_at\n"
                    'Canon AE-1 Program,"$1,234.50",Used,15230,2026-10-04\n',
                }
            },
        }
    },
)
async def import_comps(
    request: Request,
    actor: ActorDep,
    name: ImportName = "csv",
    currency: Annotated[
        str, Query(pattern=r"^[A-Z]{3}$", description="Of rows that name none.")
    ] = "USD",
    category: Annotated[
        CategoryId | None, Query(description="A category's id, for rows that name none.")
    ] = None,
) -> ImportResult:
    """Store comparables from a CSV file (UTF-8, commas, a header in any order), row by row.

    Columns: title and price; currency, condition, category, sold_at, shipping, kind (imported or
    asking), external_id, listed_at may be there, others are ignored. A row without a category is stored
    but used for no estimate. Rows that cannot be read are refused one by one. Importing again changes
    nothing that is there: rows are known by external_id, else by what they say, so equal rows are one
    comparable. So it takes no Idempotency-Key: one that is sent is refused rather than kept half a promise.
    """
    _check_headers(request)
    body = request.stream()

    def read() -> comp_import.ImportReport:
        return comp_import.import_rows(
            _lines(_Body(body)),
            name=name,
            currency=currency,
            category=category or "",
            actor=actor,
            now=utc_now(),
        )

    try:
        report = await to_thread.run_sync(read, limiter=_turns)
    except ClientDisconnect as cut:
        raise BadRequest("The upload was cut off; what had arrived is kept.") from cut
    return ImportResult(
        read=report.read,
        stored=report.stored,
        updated=report.updated,
        unchanged=report.unchanged,
        rejected=report.rejected,
        errors=[RowErrorOut.model_validate(error) for error in report.errors],
        job=report.job_id and JobAddress(id=report.job_id, address=f"/jobs/{report.job_id}"),
    )


@router.delete(
    IMPORT_PATH,
    status_code=202,
    operation_id="delete_comps_import",
    name="delete_comps_import",
    responses=declared(404, 413, 422),
)
def delete_comps_import(session: SessionDep, name: ImportName, actor: ActorDep) -> JobAccepted:
    """Delete an import with all its comparables; what was estimated from them is valued again."""
    job_id = comp_import.request_removal(session, name, now=utc_now())
    audit.note(
        session,
        "admin.comps_deleted",
        actor,
        subject=name,
        details={"job": str(job_id)},
        now=utc_now(),
    )
    return JobAccepted(job=JobAddress(id=job_id, address=f"/jobs/{job_id}"))


def _check_headers(request: Request) -> None:
    if KEY_HEADER in request.headers:
        raise KeyNotTaken(
            f"Importing again changes nothing that is there. Send it without {KEY_HEADER}."
        )
    kind, _, parameters = request.headers.get("content-type", "").partition(";")
    if kind.strip().lower() != "text/csv":
        raise HTTPException(415, f"Send text/csv with the columns {', '.join(COLUMNS)}.")
    charset = parameters.lower().replace('"', "").replace(" ", "")
    if "charset=" in charset and "charset=utf-8" not in charset:
        raise HTTPException(415, "Send the file as UTF-8.")
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise HTTPException(415, "Send the file uncompressed.")


class _Body(RawIOBase):
    """A request's body as a file for a thread: asks the event loop for the next piece when it needs one.

    So the client is read no faster than rows are stored.
    """

    def __init__(self, pieces: AsyncIterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: "memoryview | bytearray") -> int:  # type: ignore[override]
        """Fill the buffer with what has come; 0 at the end."""
        while not self._rest:
            piece = from_thread.run(self._next)
            if piece is None:
                return 0
            self._rest = memoryview(piece)
        taken = self._rest[: len(buffer)]
        buffer[: len(taken)] = taken
        self._rest = self._rest[len(taken) :]
        return len(taken)

    async def _next(self) -> bytes | None:
        return await anext(self._pieces, None)


def _lines(body: RawIOBase) -> Iterator[str]:
    """The body's lines with their ends. Of an endless line only as much as shows that it is too long."""
    text = TextIOWrapper(
        BufferedReader(body), encoding="utf-8", errors="surrogateescape", newline=""
    )
    while line := text.readline(MAX_LINE + 1):
        if len(line) > MAX_LINE and not line.endswith(("\n", "\r")):
            while (rest := text.readline(MAX_LINE)) and not rest.endswith(("\n", "\r")):
                pass
        yield line
