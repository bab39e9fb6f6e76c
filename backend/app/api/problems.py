"""The one way an error looks on the wire: problem+json (RFC 9457) with a stable code and a request id."""

from collections.abc import Sequence
from typing import Any

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException

from app.db.session import DATABASE_AWAY
from app.errors import AppError, InvalidInput, ServiceUnavailable
from app.ports import Unavailable

PROBLEM_JSON = "application/problem+json"
LONGEST_ECHO = 200

HTTP_CODES = {
    400: ("bad_request", "Bad request"),
    404: ("not_found", "Not found"),
    405: ("method_not_allowed", "Method not allowed"),
    415: ("unsupported_media_type", "Unsupported media type"),
}
"""Codes for what the framework itself refuses."""


class FieldFault(BaseModel):
    """One wrong value: where it stands and what is wrong with it."""

    loc: list[str | int]
    msg: str
    type: str


class Problem(BaseModel):
    """An error as every operation answers it."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "type": "about:blank",
                "title": "Invalid input",
                "status": 422,
                "code": "invalid_input",
                "detail": "1 value is wrong.",
                "request_id": "0192f1c2a7b07c3e9d1e2f3a4b5c6d7e",
                "errors": [
                    {
                        "loc": ["query", "limit"],
                        "msg": "Input should be less than or equal to 100",
                        "type": "less_than_equal",
                    }
                ],
            }
        }
    )

    type: str
    title: str
    status: int
    code: str
    detail: str
    request_id: str
    errors: list[FieldFault] | None = None


def declared(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route that may answer these problems."""
    return {
        status: {
            "model": Problem,
            "description": "Problem",
            "content": {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status in statuses
    }


def problem_body(error: AppError, request_id: str) -> bytes:
    """The document for an error of ours."""
    document: dict[str, Any] = {
        "type": "about:blank",
        "title": error.title,
        "status": error.status,
        "code": error.code,
        "detail": error.detail,
        "request_id": request_id,
    }
    if isinstance(error, InvalidInput):
        document["errors"] = error.errors
    return orjson.dumps(document)


def problem_response(request: Request, error: AppError) -> Response:
    """The reply for an error of ours."""
    headers = {}
    if error.retry_after_s is not None:
        headers["Retry-After"] = str(error.retry_after_s)
    if error.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return Response(
        problem_body(error, request.scope.get("request_id", "")),
        status_code=error.status,
        media_type=PROBLEM_JSON,
        headers=headers,
    )


def invalid_input(faults: Sequence[Any]) -> InvalidInput:
    """Our error for pydantic's list of faults, without echoing the values that were sent."""
    errors = [
        {
            "loc": [
                part if isinstance(part, int) else str(part)[:LONGEST_ECHO] for part in f["loc"]
            ],
            "msg": str(f["msg"])[:LONGEST_ECHO],
            "type": str(f["type"]),
        }
        for f in faults
    ]
    count = len(errors)
    return InvalidInput(f"{count} value{' is' if count == 1 else 's are'} wrong.", errors=errors)


def install(app: FastAPI) -> None:
    """Render every error of an application as a problem."""

    @app.exception_handler(AppError)
    def _ours(request: Request, error: AppError) -> Response:
        return problem_response(request, error)

    @app.exception_handler(RequestValidationError)
    def _invalid(request: Request, error: RequestValidationError) -> Response:
        return problem_response(request, invalid_input(error.errors()))

    @app.exception_handler(HTTPException)
    def _framework(request: Request, error: HTTPException) -> Response:
        if isinstance(error.__cause__, AppError):
            # raised while the framework read the body, and wrapped by it
            return problem_response(request, error.__cause__)
        code, title = HTTP_CODES.get(error.status_code, ("http_error", "Request refused"))
        refusal = type(
            "Refusal", (AppError,), {"code": code, "status": error.status_code, "title": title}
        )
        response = problem_response(request, refusal(str(error.detail)))
        for name, value in (error.headers or {}).items():
            response.headers[name] = value
        return response

    def _away(request: Request, error: Exception) -> Response:
        return problem_response(
            request,
            ServiceUnavailable("The database does not answer in time. Try again.", retry_after_s=5),
        )

    for kind in DATABASE_AWAY:
        app.add_exception_handler(kind, _away)

    @app.exception_handler(Unavailable)
    def _outside_away(request: Request, error: Unavailable) -> Response:
        return problem_response(
            request,
            ServiceUnavailable(
                "A service that this needs does not answer in time. Try again.", retry_after_s=5
            ),
        )
