"""Every error that Deal Scout shows to somebody, with a stable code and an HTTP status.

AppError
├── BadRequest            400  the request cannot be understood
├── Unauthenticated       401  no or wrong credentials
├── Forbidden             403  known, but not allowed
├── NotFound              404  no such thing, or not yours
├── Conflict              409  the state of the thing forbids it
├── PayloadTooLarge       413
├── InvalidInput          422  understood, but a value is wrong; carries `errors`
│   └── InvalidCursor     422  a page cursor that we did not make
├── TooManyRequests       429
└── ServiceUnavailable    503  something we depend on is away; try again
"""

from collections.abc import Sequence
from typing import Any, ClassVar


class AppError(Exception):
    """Base of all errors that reach a client. `code` never changes once published."""

    code: ClassVar[str] = "internal_error"
    status: ClassVar[int] = 500
    title: ClassVar[str] = "Something went wrong"

    def __init__(self, detail: str, *, retry_after_s: int | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.retry_after_s = retry_after_s


class BadRequest(AppError):
    """The request cannot be understood."""

    code, status, title = "bad_request", 400, "Bad request"


class Unauthenticated(AppError):
    """No credentials, or wrong ones."""

    code, status, title = "unauthenticated", 401, "Sign in first"


class Forbidden(AppError):
    """The caller is known but may not do this."""

    code, status, title = "forbidden", 403, "Not allowed"


class NotFound(AppError):
    """No such thing, or it belongs to somebody else."""

    code, status, title = "not_found", 404, "Not found"


class Conflict(AppError):
    """The state of the thing forbids the request."""

    code, status, title = "conflict", 409, "Conflict"


class PayloadTooLarge(AppError):
    """The body is larger than this route takes."""

    code, status, title = "payload_too_large", 413, "Too large"


class InvalidInput(AppError):
    """A value is wrong. `errors` holds one {loc, msg, type} per fault."""

    code, status, title = "invalid_input", 422, "Invalid input"

    def __init__(self, detail: str, *, errors: Sequence[dict[str, Any]] = ()) -> None:
        super().__init__(detail)
        self.errors = list(errors)


class InvalidCursor(InvalidInput):
    """A page cursor that this server did not make, or that belongs to other filters."""

    code, status, title = "invalid_cursor", 422, "Invalid cursor"


class TooManyRequests(AppError):
    """A limit was reached; `retry_after_s` says when to try again."""

    code, status, title = "too_many_requests", 429, "Too many requests"


class ServiceUnavailable(AppError):
    """Something this needs does not answer. Nothing was changed."""

    code, status, title = "service_unavailable", 503, "Temporarily unavailable"
