"""What the routes of accounts take and answer. Nothing here ever holds a hash or a stored secret."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Email = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True,
        max_length=254,
        pattern=r"^[^@\s\x00-\x1f\x7f<>\"(),:;\\\[\]]{1,64}@[A-Za-z0-9\u0080-\U0010ffff]([A-Za-z0-9\u0080-\U0010ffff.-]*[A-Za-z0-9\u0080-\U0010ffff])?\.[A-Za-z0-9\u0080-\U0010ffff-]{2,63}$",
    ),
]
DisplayName = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=80, pattern=r"^[^\x00-\x1f\x7f]*$"
    ),
]
GivenPassword = Annotated[str, StringConstraints(min_length=1, max_length=4096)]
Token = Annotated[str, StringConstraints(min_length=20, max_length=200)]
Code = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=6, max_length=30, pattern=r"^[\x20-\x7e]*$"
    ),
]
Role = Literal["buyer", "seller", "admin"]
OwnRole = Literal["buyer", "seller"]
Scope = Literal["read", "buyer", "seller", "admin:tasks", "metrics"]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class RegisterIn(_In):
    """Who wants an account."""

    email: Email
    password: GivenPassword
    display_name: DisplayName
    roles: list[OwnRole] = Field(default=["buyer", "seller"], min_length=1, max_length=2)


class SignInIn(_In):
    """Address and password, and the code of the second factor where there is one (or a recovery code)."""

    email: Email
    password: GivenPassword
    code: Code | None = None


class TokenIn(_In):
    """The token of a link that came by mail."""

    token: Token


class ResetRequestIn(_In):
    """Whose password is lost."""

    email: Email


class ResetIn(_In):
    """The token of the mail and the new password."""

    token: Token
    password: GivenPassword


class MailSent(BaseModel):
    """What happens next, the same whether there is such an account or not."""

    detail: str


class Me(BaseModel):
    """The account of who asks."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    email: str
    display_name: str
    roles: list[Role]
    email_verified_at: datetime | None
    second_factor_since: datetime | None
    recovery_codes_left: int
    created_at: datetime


class DemoAccountOut(BaseModel):
    """An account that a demo comes with."""

    model_config = ConfigDict(from_attributes=True)

    email: str
    display_name: str
    password: str
    roles: list[Role]


class SignInChoices(BaseModel):
    """What the sign-in page may offer."""

    registration_open: bool
    why_closed: str | None
    demo_accounts: list[DemoAccountOut]


class SessionOut(BaseModel):
    """Who is signed in here, and the token that this page sends as X-CSRF-Token with every change.

    `second_factor`: this session was opened with one. `second_factor_needed`: administering takes one.
    """

    user: Me | None
    csrf_token: str | None
    second_factor: bool
    second_factor_needed: bool
    sign_in: SignInChoices


class AccountChange(_In):
    """What may be changed; what is left out stays."""

    display_name: DisplayName | None = None


class PasswordChange(_In):
    """The password as it is and as it shall be."""

    current_password: GivenPassword
    password: GivenPassword


class EmailChange(_In):
    """Another address; it holds once the link sent there is opened."""

    current_password: GivenPassword
    email: Email


class PasswordIn(_In):
    """The password, where a session alone is not enough."""

    current_password: GivenPassword


class SecondFactorBegun(BaseModel):
    """The secret, for an authenticator: as text, and as the address of a QR code. Shown once."""

    secret: str
    address: str


class CodeIn(_In):
    """A code of the authenticator."""

    code: Code


class SecondFactorRemoval(_In):
    """Password and a code (or recovery code): removing takes both."""

    current_password: GivenPassword
    code: Code


class RecoveryCodes(BaseModel):
    """Codes for a lost phone, each good once. Shown once."""

    recovery_codes: list[str]


class OwnSession(BaseModel):
    """A browser that is signed in to this account; `current` is the one that asks."""

    id: UUID
    current: bool
    ip: str
    user_agent: str
    second_factor: bool
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime


class OwnSessionList(BaseModel):
    """All of them, the one seen last first."""

    items: list[OwnSession]
    next: None
    total: int


class ApiKeyIn(_In):
    """A key to be made."""

    name: DisplayName
    scopes: list[Scope] = Field(min_length=1, max_length=5)
    expires_in_days: int = Field(default=90, ge=1, le=366)


class ApiKeyRotation(_In):
    """For how long the old key still works beside the new one."""

    overlap_hours: int = Field(default=24, ge=0, le=168)


class ApiKeyOut(BaseModel):
    """A key without its secret. `shown_as` is how its text begins."""

    id: UUID
    name: str
    shown_as: str
    scopes: list[Scope]
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


class ApiKeyMade(BaseModel):
    """The new key with its whole text, this once."""

    key: ApiKeyOut
    text: str


class ApiKeyList(BaseModel):
    """The account's keys, the newest first, ended ones too."""

    items: list[ApiKeyOut]
    next: None
    total: int


class UserOut(BaseModel):
    """An account as an admin sees it. `last_seen_at`: in a session that is still kept, None without one."""

    id: UUID
    email: str
    display_name: str
    roles: list[Role]
    email_verified_at: datetime | None
    second_factor_since: datetime | None
    disabled_at: datetime | None
    last_seen_at: datetime | None
    created_at: datetime


class UserList(BaseModel):
    """Accounts, the newest first."""

    items: list[UserOut]
    next: str | None
    total: int


class UserChange(_In):
    """What may be changed; what is left out stays."""

    roles: list[Role] | None = Field(default=None, max_length=3)
    disabled: bool | None = None


class AuditEventOut(BaseModel):
    """Something that was done. `actor` is an account's address while it exists."""

    id: UUID
    at: datetime
    kind: str
    actor_id: UUID | None
    actor: str | None
    key_id: UUID | None
    subject: str | None
    ip: str | None
    request_id: str | None
    details: dict[str, str | int | bool | list[str] | None]


class AuditEventList(BaseModel):
    """Events, the newest first."""

    items: list[AuditEventOut]
    next: str | None
    total: None
