"""Is an exchange with eBay what eBay's own contract says? For the simulator's answers and the client's requests alike.

The contracts are not part of this repository: CONTRACTS_DIR, default `../shared/contracts` beside it. Two things
that the published files leave out are known here: errors come in an `errors` envelope, and the statuses of tokens and limits
(401, 403, 404, 429) carry the same envelope everywhere.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from openapi_core import OpenAPI
from openapi_core.datatypes import RequestParameters
from openapi_core.exceptions import OpenAPIError
from werkzeug.datastructures import Headers, ImmutableMultiDict

ROOT = Path(__file__).resolve().parents[3]
CONTRACTS_DIR = Path(os.environ.get("CONTRACTS_DIR") or ROOT.parent / "shared" / "contracts")
AVAILABLE = (CONTRACTS_DIR / "ebay").is_dir()
MISSING = (
    f"eBay's contracts are not at {CONTRACTS_DIR} (CONTRACTS_DIR): nothing was checked against them"
)
needs_contracts = pytest.mark.skipif(not AVAILABLE, reason=MISSING)

_CONTRACTS = {
    "/buy/browse/v1/": "buy_browse_v1_oas3",
    "/buy/marketplace_insights/v1_beta/": "buy_marketplace_insights_v1_beta_oas3",
    "/commerce/taxonomy/v1/": "commerce_taxonomy_v1_oas3",
    "/commerce/media/v1_beta/": "commerce_media_v1_beta_oas3",
    "/commerce/identity/v1/": "commerce_identity_v1_oas3",
    "/commerce/notification/v1/": "commerce_notification_v1_oas3",
    "/developer/analytics/v1_beta/": "developer_analytics_v1_beta_oas3",
    "/sell/account/v1/": "sell_account_v1_oas3",
    "/sell/finances/v1/": "sell_finances_v1_oas3",
    "/sell/fulfillment/v1/": "sell_fulfillment_v1_oas3",
    "/sell/inventory/v1/": "sell_inventory_v1_oas3",
    "/sell/metadata/v1/": "sell_metadata_v1_oas3",
    "/sell/negotiation/v1/": "sell_negotiation_v1_oas3",
}
_ENVELOPE_FIELDS = {
    "errorId": int,
    "domain": str,
    "category": str,
    "message": str,
    "longMessage": str,
    "subdomain": str,
    "parameters": list,
    "inputRefIds": list,
    "outputRefIds": list,
}
_ENVELOPE_REQUIRED = ("errorId", "domain", "category", "message")


class ContractBroken(AssertionError):
    """The exchange is not what the contract says; the message names the place."""


@dataclass
class _Request:
    host_url: str
    path: str
    method: str
    parameters: RequestParameters
    content_type: str
    body: bytes | None


@dataclass
class _Response:
    status_code: int
    headers: Headers
    content_type: str
    data: bytes | None


@cache
def load_contract(name: str) -> tuple[OpenAPI, dict[str, Any]]:
    """The contract and its plain document; 2–3 s the first time."""
    document: dict[str, Any] = json.loads((CONTRACTS_DIR / "ebay" / f"{name}.json").read_text())
    # openapi-core cannot check OAuth: the simulator looks at tokens and scopes itself.
    document.pop("security", None)
    for operations in document["paths"].values():
        for operation in operations.values():
            if isinstance(operation, dict):
                operation.pop("security", None)
    return OpenAPI.from_dict(document), document


def contract_of(path: str) -> str | None:
    """The contract that describes this path; None where there is none, as for the token endpoint."""
    return next((name for prefix, name in _CONTRACTS.items() if path.startswith(prefix)), None)


def validate_exchange(
    method: str,
    url: str,
    request_headers: Mapping[str, str],
    request_body: bytes | None,
    status: int,
    response_headers: Mapping[str, str],
    response_body: bytes | None,
) -> bool:
    """Checks request and answer; ContractBroken says where they differ. False when no contract describes the path."""
    parts = urlsplit(url)
    name = contract_of(parts.path)
    if name is None:
        return False
    openapi, document = load_contract(name)
    content_type = {k.lower(): v for k, v in request_headers.items()}.get("content-type", "")
    request = _Request(
        host_url=f"{parts.scheme}://{parts.netloc}",
        path=unquote(parts.path),
        method=method.lower(),
        parameters=RequestParameters(
            query=ImmutableMultiDict(parse_qsl(parts.query, keep_blank_values=True)),
            header=Headers(list(request_headers.items())),
        ),
        content_type=content_type.partition(";")[0].strip(),
        body=request_body,
    )
    if status < 400:
        # A refused request may break the contract; that is why it was refused.
        _check(f"request {method} {url}", lambda: openapi.validate_request(request))
    headers = Headers(list(response_headers.items()))
    if status >= 400:
        _check_envelope(f"{status} {method} {url}", response_body)
        return True
    answer = _Response(
        status,
        headers,
        (headers.get("content-type") or "").partition(";")[0].strip(),
        response_body,
    )
    _check(f"answer {status} {method} {url}", lambda: openapi.validate_response(request, answer))
    _check_unknown_query(document, request)
    return True


def _check(what: str, validate: Any) -> None:
    try:
        validate()
    except OpenAPIError as error:
        causes = [str(error)]
        cause: BaseException | None = error
        while cause is not None:
            causes += [
                str(inner.message) + f" at {list(inner.absolute_path)}"
                for inner in getattr(cause, "schema_errors", ())
            ]
            cause = cause.__cause__
        raise ContractBroken(f"{what}: {'; '.join(dict.fromkeys(causes))}") from error


def _check_envelope(what: str, body: bytes | None) -> None:
    document = json.loads(body or b"null")
    errors = document.get("errors") if isinstance(document, dict) else None
    if not errors or set(document) != {"errors"}:
        raise ContractBroken(f"{what}: no errors envelope in {document!r}")
    for entry in errors:
        missing = [name for name in _ENVELOPE_REQUIRED if name not in entry]
        wrong = [
            name
            for name, value in entry.items()
            if not isinstance(value, _ENVELOPE_FIELDS.get(name, ()))
        ]
        if missing or wrong or entry["category"] not in ("REQUEST", "BUSINESS", "APPLICATION"):
            raise ContractBroken(f"{what}: entry {entry!r} lacks {missing}, has wrong {wrong}")


def _check_unknown_query(document: dict[str, Any], request: _Request) -> None:
    """openapi-core lets parameters pass that the contract does not name; eBay would ignore them silently."""
    for template, operations in sorted(
        document["paths"].items(), key=lambda entry: "{" in entry[0]
    ):
        ours, theirs = request.path.rstrip("/").split("/"), template.rstrip("/").split("/")
        if len(ours) != len(theirs) or not all(
            b.startswith("{") or a == b for a, b in zip(ours, theirs, strict=True)
        ):
            continue
        operation = operations.get(request.method)
        if operation is None:
            continue
        named = {
            p["name"]
            for p in (*operations.get("parameters", ()), *operation.get("parameters", ()))
            if p["in"] == "query"
        }
        unknown = set(request.parameters.query) - named
        if unknown:
            raise ContractBroken(
                f"request {request.method} {request.path}: unknown query parameters {sorted(unknown)}"
            )
        return
