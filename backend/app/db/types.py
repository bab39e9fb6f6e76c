"""Column types that carry a promise: aware UTC times, integer cents."""

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Dialect, Text, TypeDecorator, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import mapped_column

from app.core.ids import new_id


class UtcDateTime(TypeDecorator[datetime]):
    """timestamptz that refuses naive times and always gives UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a time without a zone: it would be stored in the session's."""
        if value is not None and value.tzinfo is None:
            raise ValueError(f"naive time {value!r}: pass an aware one")
        return value

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Give UTC whatever the session's zone is."""
        return None if value is None else value.astimezone(UTC)


Id = Annotated[UUID, mapped_column(Uuid(), primary_key=True, default=new_id)]
Cents = Annotated[int, mapped_column(BigInteger)]
Str = Annotated[str, mapped_column(Text)]
Time = Annotated[datetime, mapped_column(UtcDateTime())]
Json = Annotated[dict[str, Any], mapped_column(JSONB)]
