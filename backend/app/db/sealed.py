"""Which columns hold sealed values: what a change of keys must go over. A new sealed column gets its line here."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """A `bytea` column of sealed values, each bound to `table|id|column`."""

    table: str
    column: str
    id_column: str = "id"


SEALED: Final = (SealedColumn("users", "totp_secret_sealed"),)
