"""The API's own description (OpenAPI), with what `RULES` says about who may call what."""

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI

from app.api.access import bearer, cookie
from app.api.access_rules import RULES, Rule


def describe(app: FastAPI) -> Callable[[], dict[str, Any]]:
    """What `app.openapi` shall be: FastAPI's document, where each operation names the credentials that open it."""
    plain = app.openapi

    def document() -> dict[str, Any]:
        made = plain()
        for item in made["paths"].values():
            for operation in item.values():
                rule = RULES.get(operation.get("operationId", ""))
                if rule is None or rule.public:
                    operation.pop("security", None)
                else:
                    operation["security"] = _opened_by(rule)
        return made

    return document


def _opened_by(rule: Rule) -> list[dict[str, list[str]]]:
    ways: list[dict[str, list[str]]] = [{cookie.scheme_name: []}]
    if rule.scopes or rule.read:
        ways.append({bearer.scheme_name: []})
    return ways
