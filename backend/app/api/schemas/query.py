"""Query parameters of routes that read their query by hand, for the API's description."""

from typing import Any

from pydantic import BaseModel


def query_parameters(model: type[BaseModel]) -> list[dict[str, Any]]:
    """A model's fields as OpenAPI query parameters, for a route that reads its query by hand."""
    schema = model.model_json_schema()
    found = []
    for name, field in schema["properties"].items():
        description = field.pop("description", None)
        examples = field.pop("examples", None)
        parameter: dict[str, Any] = {
            "name": name,
            "in": "query",
            "required": False,
            "schema": field,
        }
        if description:
            parameter["description"] = description
        if examples:
            parameter["example"] = examples[0]
        found.append(parameter)
    return found
