"""What the product asks of the outside world, as small typed protocols.

Adapters implement them, `wiring` picks the adapter, services know only these. The errors belong to
the port: an adapter turns every foreign failure into one of them and keeps the cause.

PortError
├── Unavailable        no answer, or none that can be used now: try again later
├── OutcomeUnknown     all was sent, but the answer was lost: it may have taken effect
├── RateLimited        the other side asks us to wait; `retry_after_s`
├── QuotaExhausted     our own day budget is spent: nothing was sent
├── AuthExpired        credentials no longer work: refresh, then reconnect
├── NotGranted         the application lacks a permission: the feature is off until it is granted
├── Gone               the thing asked for no longer exists
└── Rejected           the other side understood and refused: tell the user, never retry
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol


class PortError(Exception):
    """Base of what an adapter may raise."""


class Unavailable(PortError):
    """No answer, or none that can be used; retrying later is safe."""


class OutcomeUnknown(PortError):
    """Everything was handed over, then the answer was lost: trying again may do it twice."""


class RateLimited(PortError):
    """The other side asks us to wait `retry_after_s` seconds."""

    def __init__(self, message: str, *, retry_after_s: float) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class QuotaExhausted(PortError):
    """Our own budget for the service's day is spent; nothing was sent."""


class AuthExpired(PortError):
    """The credentials no longer work."""


class NotGranted(PortError):
    """The application has not been granted what the call needs."""


class Gone(PortError):
    """The thing asked for no longer exists."""


class Rejected(PortError):
    """Understood and refused; `code` is the other side's, for logs."""

    def __init__(self, message: str, *, code: str = "") -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class RawListing:
    """A listing as a marketplace offered it, read but not judged.

    `shipping_cents` is None when the marketplace did not say; `condition` is a value of
    domain/condition, "unknown" when not given. The keys (64 bits) are equal for the same seller, photo
    and words; a seller's is made with a secret, so that it names nobody. None: not told.
    """

    source: str
    external_id: str
    title: str
    url: str
    image_url: str | None
    category_id: str
    category_name: str
    condition: str
    price_cents: int
    shipping_cents: int | None
    currency: str
    buying_option: str
    bid_count: int | None
    seller_feedback_percent: float | None
    seller_feedback_score: int | None
    country: str | None
    listed_at: datetime
    ends_at: datetime | None
    city: str | None = None
    region: str | None = None
    postal_code: str | None = None
    description: str | None = None
    seller_key: int | None = None
    photo_key: int | None = None
    words_key: int | None = None


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row of an answer that could not be read; kept aside with the reason."""

    external_id: str | None
    reason: str
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """One question to a marketplace. At least one of `words` and `category_id` is set."""

    words: str = ""
    category_id: str = ""
    listed_since: datetime | None = None
    offset: int = 0
    limit: int = 200


@dataclass(frozen=True, slots=True)
class ListingPage:
    """One page of an answer: what could be read, what could not, and how much there is in all."""

    listings: Sequence[RawListing]
    rejected: Sequence[RejectedRow] = ()
    total: int = 0
    has_more: bool = False
    from_cache: bool = False


@dataclass(frozen=True, slots=True)
class SoldItem:
    """A sale of the past as the marketplace reports it; `shipping_cents` None = not told."""

    source: str
    external_id: str
    title: str
    price_cents: int
    shipping_cents: int | None
    currency: str
    condition: str
    category_id: str
    sold_at: datetime


@dataclass(frozen=True, slots=True)
class SoldPage:
    """One page of past sales."""

    sales: Sequence[SoldItem]
    rejected: Sequence[RejectedRow] = field(default=())
    total: int = 0
    has_more: bool = False


class Marketplace(Protocol):
    """A place that lists things for sale."""

    @property
    def source(self) -> str:
        """Its id, as in every row that came from it."""
        ...

    def search(self, query: SearchQuery) -> ListingPage:
        """Live listings, newest first. Raises any PortError but Gone."""
        ...

    def get(self, external_id: str) -> RawListing:
        """One live listing. Raises Gone when it has been sold, ended or removed."""
        ...

    def sold(self, query: SearchQuery) -> SoldPage:
        """Past sales, newest first. Raises NotGranted where the application may not read them."""
        ...


class Storage(Protocol):
    """A private bucket of objects. Known by identity, so that a process's memory of it can be keyed by it."""

    def __hash__(self) -> int: ...

    def check(self) -> None:
        """Reach the bucket, making it when it does not exist. Raises Unavailable."""
        ...

    def put(self, key: str, content: bytes) -> None:
        """Store an object whole, in place of one of this key. Raises Unavailable, Rejected when too large."""
        ...

    def get(self, key: str) -> bytes:
        """An object's bytes. Raises Gone when there is none, Unavailable, Rejected when too large."""
        ...

    def delete(self, key: str) -> None:
        """Remove an object; one that does not exist is removed already. Raises Unavailable."""
        ...


@dataclass(frozen=True, slots=True)
class Mail:
    """A letter to one address, in both forms. `headers` are further ones: Message-ID, List-Unsubscribe, …"""

    to: str
    subject: str
    text: str
    html: str
    headers: Mapping[str, str] = field(default_factory=dict)


class Mailer(Protocol):
    """Sends mail."""

    def send(self, message: Mail) -> None:
        """Hand a letter to the mail server, which has taken it over when this returns.

        Unavailable: nothing was sent, later it may be. Rejected: this letter or address never will
        be, or mail is not configured. AuthExpired: our name or password is not accepted.
        OutcomeUnknown: the server may or may not have taken it.
        """
        ...


class NoMail:
    """The Mailer of an installation without a mail server: says so instead of losing letters quietly."""

    def send(self, message: Mail) -> None:
        """Raises Rejected."""
        raise Rejected(
            "mail is not configured: set SMTP_HOST and MAIL_FROM, then have this sent again",
            code="mail_not_configured",
        )


@dataclass(frozen=True, slots=True)
class Ports:
    """The adapters of this process, by port."""

    marketplaces: Mapping[str, Marketplace]
    storage: Storage
    mailer: Mailer = field(default_factory=NoMail)
