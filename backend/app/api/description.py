"""The API's own description (OpenAPI), with what `RULES` says about who may call what."""

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI

from app.api.access import bearer, cookie
from app.api.access_rules import RULES, Rule
from app.api.problems import declared


def describe(app: FastAPI) -> Callable[[], dict[str, Any]]:
    """What `app.openapi` shall be: FastAPI's document, where each operation names the credentials that open it,
    and that it refuses who lacks them.
    """
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
                    refusals = declared(401, 403).items()
                    operation["responses"] = {
                        **{str(status): _described(reply) for status, reply in refusals},
                        **operation["responses"],
                    }
        return made

    return document


def _opened_by(rule: Rule) -> list[dict[str, list[str]]]:
    ways: list[dict[str, list[str]]] = [{cookie.scheme_name: []}]
    if rule.scopes or rule.read:
        ways.append({bearer.scheme_name: []})
    return ways


def _described(reply: dict[str, Any]) -> dict[str, Any]:
    """A declared reply as the document writes it: the model is named in its content."""
    return {name: value for name, value in reply.items() if name != "model"}
