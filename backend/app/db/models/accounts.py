"""People and machines that may use the product: accounts, their sessions, one-time tokens and keys.

No secret is stored as it is: passwords are argon2id hashes, tokens and keys SHA-256 digests (they
have 256 random bits, so a slow hash would add nothing), second-factor secrets are sealed.
"""

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base
from app.db.types import Id, Str, Time

ROLES = ("buyer", "seller", "admin")
"""What an account may be; a person may be several at once."""

SCOPES = ("read", "buyer", "seller", "admin:tasks", "metrics")
"""What an API key may be made for, within what its owner may do."""


def _within(column: str, allowed: tuple[str, ...]) -> str:
    return f"{column} <@ array[{', '.join(repr(one) for one in allowed)}]::text[]"


def _owner() -> Mapped[UUID]:
    return mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)


class User(Base):
    """An account. `email_key` is the address case-folded: one account per mailbox.

    `totp_secret_sealed` is there from the start of setting up a second factor, which holds from
    `totp_confirmed_at` on; `totp_last_step` keeps a code from being used twice.
    """

    __tablename__ = "users"
    __table_args__ = (CheckConstraint(_within("roles", ROLES), name="roles_known"),)

    id: Mapped[Id]
    email: Mapped[Str]
    email_key: Mapped[Str] = mapped_column(unique=True)
    display_name: Mapped[Str]
    password_hash: Mapped[Str]
    roles: Mapped[list[str]] = mapped_column(ARRAY(Text))
    email_verified_at: Mapped[Time | None]
    disabled_at: Mapped[Time | None]
    totp_secret_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    totp_confirmed_at: Mapped[Time | None]
    totp_last_step: Mapped[int | None]
    created_at: Mapped[Time]
    updated_at: Mapped[Time]


class UserSession(Base):
    """A browser that is signed in. It ends at `expires_at`, or when unseen for the idle time."""

    __tablename__ = "user_sessions"

    id: Mapped[Id]
    user_id: Mapped[UUID] = _owner()
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    second_factor: Mapped[bool]
    ip: Mapped[Str]
    user_agent: Mapped[Str]
    created_at: Mapped[Time]
    last_seen_at: Mapped[Time]
    expires_at: Mapped[Time] = mapped_column(index=True)


class AccountToken(Base):
    """A link sent by mail, good once and for one purpose; using or replacing it removes the row."""

    __tablename__ = "account_tokens"
    __table_args__ = (
        CheckConstraint(
            "purpose in ('verify_email', 'reset_password', 'change_email')", name="purpose_known"
        ),
        Index("uq_account_tokens_user_id_purpose", "user_id", "purpose", unique=True),
    )

    id: Mapped[Id]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    purpose: Mapped[Str]
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    new_email: Mapped[Str | None]
    created_at: Mapped[Time]
    expires_at: Mapped[Time] = mapped_column(index=True)


class RecoveryCode(Base):
    """A code that stands in once for the second factor; using it removes the row."""

    __tablename__ = "recovery_codes"

    id: Mapped[Id]
    user_id: Mapped[UUID] = _owner()
    code_hash: Mapped[bytes] = mapped_column(LargeBinary)


class ApiKey(Base):
    """A machine's key: `ds_live_<public_id>_<secret>`, of which only a digest is kept."""

    __tablename__ = "api_keys"
    __table_args__ = (CheckConstraint(_within("scopes", SCOPES), name="scopes_known"),)

    id: Mapped[Id]
    user_id: Mapped[UUID] = _owner()
    name: Mapped[Str]
    public_id: Mapped[Str] = mapped_column(unique=True)
    secret_hash: Mapped[bytes] = mapped_column(LargeBinary)
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    created_at: Mapped[Time]
    expires_at: Mapped[Time]
    last_used_at: Mapped[Time | None]
    revoked_at: Mapped[Time | None]
