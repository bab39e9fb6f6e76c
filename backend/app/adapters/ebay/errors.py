"""What eBay's refusals mean for the product. Error ids are eBay's and stay below this line.

Bodies are `{"errors": [{errorId, category, message, parameters…}]}`; `warnings` under a 200 has the
same items and means that the named filter was ignored, so that the rows are not what was asked for.
"""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from app.adapters.http import Answer, TryAgain, refuse_transient
from app.ports import AuthExpired, Gone, NotGranted, PortError, Rejected, Unavailable

SERVICE: Final = "eBay"

FILTER_OF_WARNING: Final = {
    12003: "sellers",
    12008: "sort",
    12009: "category_ids",
    12010: "pickup",
    12011: "deliveryPostalCode",
    12012: "price",
    12014: "sellerAccountTypes",
    12015: "deliveryPostalCode",
    12016: "fieldgroups",
    12017: "aspect_filter",
    12018: "aspect_filter",
    12519: "itemLocationRegion",
    12520: "conditionIds",
}
"""Warning id → the part of the question that eBay ignored (Browse API v1.20.4, x-response-codes)."""


class Malformed(Unavailable):
    """eBay answered with something that is not the promised shape."""


def read_object(answer: Answer) -> dict[str, Any]:
    """The answer's JSON object, numbers exact. TryAgain(Malformed) for anything else."""
    kind = answer.headers.get("content-type", "")
    try:
        parsed = json.loads(answer.body, parse_float=Decimal)
    except (ValueError, RecursionError) as exc:
        what = "a web page" if "html" in kind else "something that is not JSON"
        raise TryAgain(Malformed(f"{SERVICE} answered with {what}")) from exc
    if not isinstance(parsed, dict):
        raise TryAgain(Malformed(f"{SERVICE} answered with JSON of another shape"))
    return parsed


def read_success(answer: Answer) -> dict[str, Any]:
    """The JSON object of a 200. Raises what eBay's refusal means otherwise."""
    refuse_transient(SERVICE, answer)
    if answer.status != 200:
        raise refusal(answer)
    return read_object(answer)


def refusal(answer: Answer) -> PortError | TryAgain:
    """The error that a status other than 200 and its body stand for."""
    first = _first_error(answer)
    code = str(first.get("errorId", answer.status))
    message = _text(first.get("longMessage")) or _text(first.get("message"))
    described = f"{SERVICE} answered {answer.status}" + (f": {message}" if message else "")
    if answer.status == 401:
        return AuthExpired(described)
    if answer.status == 403:
        return NotGranted(f"{described} (this keyset has not been granted the call)")
    if answer.status == 404:
        return Gone(described)
    if first.get("category") == "APPLICATION":
        return TryAgain(Unavailable(described))
    return Rejected(described, code=code)


def refuse_warnings(body: Mapping[str, Any]) -> None:
    """Raise Rejected naming the filter when eBay ignored a part of the question."""
    warnings = body.get("warnings")
    if not isinstance(warnings, list) or not warnings:
        return
    first = warnings[0] if isinstance(warnings[0], dict) else {}
    error_id = first.get("errorId")
    name = FILTER_OF_WARNING.get(error_id) if isinstance(error_id, int) else None
    if name is None:
        parameters = first.get("parameters")
        named = parameters[0] if isinstance(parameters, list) and parameters else {}
        name = _text(named.get("name")) if isinstance(named, dict) else ""
    message = _text(first.get("message")) or "no message"
    raise Rejected(
        f"{SERVICE} ignored the filter {name or 'it was given'}: {message}", code=str(error_id)
    )


def _first_error(answer: Answer) -> dict[str, Any]:
    try:
        body = json.loads(answer.body)
    except (ValueError, RecursionError):
        return {}
    errors = body.get("errors") if isinstance(body, dict) else None
    first = errors[0] if isinstance(errors, list) and errors else None
    return first if isinstance(first, dict) else {}


def _text(value: object) -> str:
    return value[:300] if isinstance(value, str) else ""
