"""The OpenAPI document as published: decimals are numbers, errors are problems, required headers are required."""

from collections.abc import Sequence
from typing import Any

from fastapi._compat import v2 as compat
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from pydantic_core.core_schema import DecimalSchema
from starlette.routing import BaseRoute

from service.api.dependencies import HEADERS
from service.api.examples import example_of
from service.api.problems import FieldError, Problem
from service.api.representation import Recorded
from service.api.titles import chapters, title_of
from service.api.who import bearer

IMPORTS = "/api/v1/transformations/{transformation}/imports"
REQUIRED = frozenset({"Idempotency-Key", "If-Match"})


def describe(title: str, version: str, description: str, routes: Sequence[BaseRoute]) -> dict[str, Any]:
    """The finished document of these routes. It takes seconds."""
    raw = get_openapi(title=title, version=version, description=description, routes=routes)
    for route in routes:
        if isinstance(route, APIRoute):
            _tell_headers(raw, route)
    return _finish(raw)


def _finish(document: dict[str, Any]) -> dict[str, Any]:
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    template = "#/components/schemas/{model}"
    problem = Problem.model_json_schema(ref_template=template)
    problem.pop("$defs", None)
    schemas["Problem"] = problem
    schemas["FieldError"] = FieldError.model_json_schema()
    schemas["Recorded"] = Recorded.model_json_schema()
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    document["tags"] = chapters(document)
    for path in document["paths"].values():
        for operation in path.values():
            operation["summary"] = title_of(operation["operationId"], operation["summary"])
            sent = operation.get("requestBody", {}).get("content", {})
            if "application/json" in sent:
                sent["application/json"]["example"] = example_of(operation["operationId"])
            for parameter in operation.get("parameters", ()):
                _as_sent(parameter)
                if parameter["name"] == "fields":
                    parameter["schema"].pop("maxLength", None)
                    parameter["schema"] |= _names_of(operation, schemas)
                if parameter["schema"].get("type") == "array":
                    parameter |= {"style": "form", "explode": False}  # several values are one parameter, with commas
            if any(parameter["name"] == "Prefer" for parameter in operation.get("parameters", ())):
                _or_recorded(operation["responses"])
            # FastAPI's own 422 is not what we answer.
            answer = operation["responses"].get("422")
            if answer and "HTTPValidationError" in str(answer):
                answer["content"] = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    form = schemas["ImportFile"] = schemas.pop("Body_import_file")
    form["title"] = "ImportFile"
    form["properties"]["file"]["format"] = "binary"  # generated clients know a file by this word
    for media in document["paths"][IMPORTS]["post"]["requestBody"]["content"].values():
        media["schema"]["$ref"] = "#/components/schemas/ImportFile"
    finished: dict[str, Any] = _numbers(document)
    return finished


def _tell_headers(document: dict[str, Any], route: APIRoute) -> None:
    """The headers that the door of a write reads by itself. Without a required one the answer is 400, or 428."""
    for dependency in route.dependant.dependencies:
        for name, description in HEADERS.get(dependency.call, ()):
            required = name in REQUIRED
            schema = {"type": "string", "minLength": 1} if required else {"type": "string"}
            told = {"name": name, "in": "header", "description": description, "required": required, "schema": schema}
            operation = document["paths"][route.path]["post"]
            operation.setdefault("parameters", []).append(told)
            operation["security"] = [{bearer.scheme_name: []}]


def _as_sent(parameter: dict[str, Any]) -> None:
    """A parameter is there or is not, never null."""
    schema = parameter["schema"]
    given = [one for one in schema.get("anyOf", ()) if one != {"type": "null"}]
    if len(given) == 1:
        del schema["anyOf"]
        schema |= given[0]


def _or_recorded(responses: dict[str, Any]) -> None:
    """A write may be answered in short."""
    for status in ("200", "201"):
        if status in responses:
            media = responses[status]["content"]["application/json"]
            whole = media["schema"].get("anyOf", [media["schema"]])
            media["schema"] = {"anyOf": [*whole, {"$ref": "#/components/schemas/Recorded"}]}


def _names_of(operation: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    """What `fields` takes: the names of the fields of an item."""
    page = operation["responses"]["200"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
    item = schemas[page]["properties"]["items"]["items"]["$ref"].rpartition("/")[2]
    names = list(schemas[item]["properties"])
    return {"type": "array", "items": {"type": "string", "enum": names}, "minItems": 1, "maxItems": len(names)}


class NumbersAsNumbers(compat.GenerateJsonSchema):
    """Answers hold decimals as JSON numbers, where pydantic alone would write strings."""

    def decimal_schema(self, schema: DecimalSchema) -> dict[str, Any]:
        return {"type": "number"} if self.mode == "serialization" else super().decimal_schema(schema)


# FastAPI has no setting for the generator of schemas; the conformance suite fails if this place moves.
compat.GenerateJsonSchema = NumbersAsNumbers  # type: ignore[misc]


LIMITS: dict[str, dict[str, str]] = {
    "number": {"ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum", "lt": "exclusiveMaximum"},
    # JSON Schema knows no limits of dates; these are the words of the validators that do.
    "string": {"ge": "formatMinimum", "le": "formatMaximum"},
}


def _numbers(node: Any) -> Any:
    """A decimal is a JSON number, its default too; limits that pydantic leaves in its own words are the standard's."""
    if isinstance(node, list):
        return [_numbers(item) for item in node]
    if not isinstance(node, dict):
        return node
    kind = node.get("type")
    if kind == "number":
        node = {key: value for key, value in node.items() if key != "anyOf"}
        if isinstance(node.get("default"), str):
            node["default"] = float(node["default"])
    words = LIMITS.get(kind, {}) if isinstance(kind, str) else {}
    return {words.get(key, key): _numbers(value) for key, value in node.items()}
