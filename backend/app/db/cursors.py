"""Cursors of lists that page by id: the last row's id as text that means nothing to who carries it."""

import base64
from uuid import UUID

from app.errors import InvalidCursor


def cursor_of(row_id: UUID) -> str:
    """The cursor of the page that follows this row."""
    return base64.urlsafe_b64encode(row_id.bytes).decode().rstrip("=")


def id_from(cursor: str) -> UUID:
    """The row that a cursor stands for. InvalidCursor when it is none of ours."""
    try:
        return UUID(bytes=base64.urlsafe_b64decode(cursor + "=="))
    except ValueError as error:
        raise InvalidCursor("This cursor was not made here.") from error
