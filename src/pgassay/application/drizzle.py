"""Drizzle's declarations: `pgTable`, `pgSchema(...).table`, `pgEnum` -> what they say is in the database."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pgassay.application.javascript import Source
from pgassay.application.postgrest import Locate
from pgassay.application.tree import Node, unwrapped
from pgassay.application.values import Many, texts
from pgassay.model import Location, Usage, What

_CALLS = """
(call_expression function: (identifier) @name (#any-of? @name "pgTable" "pgEnum")) @call
(call_expression
  function: (member_expression object: (identifier) @owner property: (property_identifier) @name)
  (#any-of? @name "table" "enum")) @call
"""


def usages(source: Source, language: str, locate: Locate) -> Iterator[Usage]:
    for found in source.file.matches(_CALLS):
        listed = found["call"].child_by_field_name("arguments")
        arguments = [child for child in listed.named_children if child.type != "comment"] if listed else []
        if len(arguments) < 2:
            continue
        schema = None
        if "owner" in found:
            schema = _schema(source, found["owner"])
            if schema is None:
                continue
        name = next(texts(source.value(arguments[0])), None)
        if name is None or not name.is_whole:
            continue
        at = locate(name.start, name.end)
        if source.file.text(found["name"]) in ("pgEnum", "enum"):
            values = source.value(arguments[1])
            if isinstance(values, Many) and values.complete:
                listed_values = tuple(text.text for item in values.items for text in texts(item))
                if len(listed_values) == len(values.items):
                    yield Usage(
                        What.DRIZZLE_ENUM, name.text, at, language, "drizzle", schema=schema, values=listed_values
                    )
            continue
        columns = list(_columns(source, arguments[1], locate))
        yield Usage(
            What.DRIZZLE_TABLE,
            name.text,
            at,
            language,
            "drizzle",
            schema=schema,
            names=tuple(column for column, _, _ in columns),
            maybe=tuple(other for _, other, _ in columns),
            places=tuple(place for _, _, place in columns),
        )


def _schema(source: Source, owner: Node) -> str | None:
    declared = source.visible(source.file.text(owner), owner)
    call = unwrapped(declared[0].child_by_field_name("value")) if declared else None
    function = call.child_by_field_name("function") if call is not None and call.type == "call_expression" else None
    if call is None or function is None or source.file.text(function) != "pgSchema":
        return None
    name = next(texts(source.arguments(call)[0]), None) if source.arguments(call) else None
    return name.text if name else None


def _columns(source: Source, node: Node, locate: Locate, depth: int = 0) -> Iterator[tuple[str, str, Location]]:
    """Name, name by `casing: "snake_case"`, place. A column is called as its builder says, or else as its key."""
    body = unwrapped(node)
    if body is not None and body.type == "arrow_function":
        body = unwrapped(body.child_by_field_name("body"))
    if body is None or body.type != "object" or depth > 3:
        return
    for child in body.named_children:
        if child.type == "pair":
            key, value = child.child_by_field_name("key"), child.child_by_field_name("value")
            builder = _builder(value)
            if key is None or builder is None:
                continue
            name = next(texts(source.arguments(builder)[0]), None) if source.arguments(builder) else None
            if name is not None:
                yield name.text, name.text, locate(name.start, name.end)
            elif key.type in ("property_identifier", "string"):
                written = source.file.text(key).strip("\"'")
                yield written, _snake(written), locate(key.start_byte, key.end_byte)
        elif child.type == "spread_element" and child.named_children and child.named_children[0].type == "identifier":
            declared = source.visible(source.file.text(child.named_children[0]), child)
            value = declared[0].child_by_field_name("value") if len(declared) == 1 else None
            if value is not None:
                yield from _columns(source, value, locate, depth + 1)


def _builder(value: Node | None) -> Node | None:
    """`varchar("a", {...})` in `varchar("a", {...}).notNull().default("")`."""
    node = unwrapped(value)
    while node is not None and node.type == "call_expression":
        function = node.child_by_field_name("function")
        if function is None or function.type == "identifier":
            return node
        if function.type != "member_expression":
            return None
        inner = unwrapped(function.child_by_field_name("object"))
        if inner is not None and inner.type == "identifier":
            # `t.varchar("a")`.
            return node
        node = inner
    return None


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
