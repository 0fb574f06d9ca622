"""What GitHub says it takes and gives: the operations of `description.json`, as checks of requests and responses."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jsonschema import Draft202012Validator, FormatChecker  # type: ignore[import-untyped]
from msgspec import Struct

# Where GitHub answers null though its description does not say so: the lines of an outdated comment, and the repository
# of a deleted fork. A schema, then the way to the property.
ALSO_NULL = (
    ("pull-request-review-comment", "line"),
    ("pull-request-review-comment", "original_line"),
    ("pull-request-review-comment", "position"),
    ("pull-request", "head", "repo"),
    ("pull-request-simple", "head", "repo"),
)
# Any operation may end like this, whether or not its description lists it.
EVERYWHERE = {
    401: "basic-error",
    403: "basic-error",
    404: "basic-error",
    429: "basic-error",
    500: "basic-error",
    502: None,
    503: None,
}


class Operation(Struct, frozen=True):
    id: str
    method: str
    parameters: tuple[Mapping[str, Any], ...]
    body: Mapping[str, Any] | None
    responses: Mapping[int, Mapping[str, Any] | None]


formats = FormatChecker(formats=())


@formats.checks("date-time", raises=ValueError)  # type: ignore[untyped-decorator]
def _is_time(value: object) -> bool:
    return not isinstance(value, str) or (value.endswith("Z") and datetime.fromisoformat(value) is not None)


@formats.checks("uri")  # type: ignore[untyped-decorator]
def _is_uri(value: object) -> bool:
    return not isinstance(value, str) or bool(urlsplit(value).scheme)


class Contract:
    """The published description, read as JSON Schema and made stricter where GitHub is."""

    def __init__(self) -> None:
        self._document = json.loads((Path(__file__).parent / "description.json").read_text("utf-8"))
        self._schemas = {name: _json_schema(schema) for name, schema in self._document["components"]["schemas"].items()}
        for name, *way in ALSO_NULL:
            schema = self._schemas[name]
            for step in way[:-1]:
                schema = schema["properties"][step]
            schema["properties"][way[-1]] = _or_null(schema["properties"][way[-1]])
        self._routes = [
            (method.upper(), _pattern(path), self._operation(method.upper(), operation))
            for path, operations in self._document["paths"].items()
            for method, operation in operations.items()
        ]

    def route(self, method: str, path: str) -> tuple[Operation, dict[str, str]] | None:
        for candidate, pattern, operation in self._routes:
            if candidate == method and (found := pattern.fullmatch(path)):
                return operation, found.groupdict()
        return None

    def wrong_in_query(self, operation: Operation, query: Mapping[str, str]) -> list[str]:
        known = {parameter["name"]: parameter for parameter in operation.parameters if parameter["in"] == "query"}
        wrong = [f"{operation.id}: unknown query parameter {name}" for name in query if name not in known]
        for name, text in query.items():
            schema = _json_schema(known.get(name, {}).get("schema", {}))
            value: object = int(text) if schema.get("type") == "integer" and text.isdecimal() else text
            wrong += [f"{operation.id}: {name}: {problem}" for problem in self._problems(schema, value)]
        return wrong

    def wrong_in_body(self, operation: Operation, body: object) -> list[str]:
        """Unknown keys are wrong at every depth: the description allows them, GitHub does not."""
        if operation.body is None:
            return [] if body is None else [f"{operation.id} takes no body"]
        return [f"{operation.id}: {problem}" for problem in self._problems(operation.body, body)]

    def wrong_in_answer(self, operation: Operation, status: int, body: object) -> list[str]:
        if status in operation.responses:
            schema = operation.responses[status]
        elif status in EVERYWHERE:
            name = EVERYWHERE[status]
            schema = {"$ref": f"#/components/schemas/{name}"} if name else None
        else:
            return [f"{operation.id}: the fake answered {status}, which GitHub never does here"]
        problems = self._problems(schema, body) if schema is not None else ()
        return [f"{operation.id}: the fake's answer {status}: {problem}" for problem in problems]

    def _operation(self, method: str, operation: Mapping[str, Any]) -> Operation:
        body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
        return Operation(
            id=operation["operationId"],
            method=method,
            parameters=tuple(self._resolved(parameter) for parameter in operation.get("parameters", ())),
            body=None if body is None else _closed(_json_schema(body)),
            responses={
                int(status): _json_schema(content["schema"])
                if (content := self._resolved(response).get("content", {}).get("application/json"))
                else None
                for status, response in operation["responses"].items()
            },
        )

    def _resolved(self, node: Mapping[str, Any]) -> Mapping[str, Any]:
        if "$ref" not in node:
            return node
        _, _, kind, name = node["$ref"].split("/")
        found: Mapping[str, Any] = self._document["components"][kind][name]
        return found

    def _problems(self, schema: Mapping[str, Any], value: object) -> Iterator[str]:
        whole = {**schema, "components": {"schemas": self._schemas}}
        for error in Draft202012Validator(whole, format_checker=formats).iter_errors(value):
            yield f"{error.json_path}: {error.message[:300]}"


@cache
def contract() -> Contract:
    return Contract()


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path))


def _or_null(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"anyOf": [dict(schema), {"type": "null"}]}


def _json_schema(schema: Mapping[str, Any]) -> dict[str, Any]:
    """OpenAPI 3.0 in the terms of JSON Schema: `nullable` is the only word that differs here."""
    converted: dict[str, Any] = {}
    for key, value in schema.items():
        if key == "properties":
            converted[key] = {name: _json_schema(inner) for name, inner in value.items()}
        elif isinstance(value, dict):
            converted[key] = _json_schema(value)
        elif key in ("anyOf", "oneOf", "allOf"):
            converted[key] = [_json_schema(inner) for inner in value]
        elif key != "nullable":
            converted[key] = value
    return _or_null(converted) if schema.get("nullable") else converted


def _closed(schema: dict[str, Any]) -> dict[str, Any]:
    if "properties" in schema:
        schema["additionalProperties"] = False
        for inner in schema["properties"].values():
            _closed(inner)
    if isinstance(schema.get("items"), dict):
        _closed(schema["items"])
    return schema
