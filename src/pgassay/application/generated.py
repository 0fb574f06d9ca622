"""The `Database` type that `supabase gen types` writes -> the tables, views and enums that it declares."""

from __future__ import annotations

from collections.abc import Iterator

from pgassay.application.postgrest import Locate
from pgassay.application.tree import File, Node
from pgassay.model import Declared, Usage, What

_DECLARATIONS = """
(type_alias_declaration name: (type_identifier) @name value: (object_type) @type (#eq? @name "Database"))
(interface_declaration name: (type_identifier) @name body: (_) @type (#eq? @name "Database"))
"""
_KINDS = {"Tables": "table", "Views": "view", "Enums": "enum"}


def usages(file: File, locate: Locate) -> Iterator[Usage]:
    for found in file.matches(_DECLARATIONS):
        declared = tuple(_declared(file, found["type"]))
        if declared:
            at = locate(found["name"].start_byte, found["name"].end_byte)
            yield Usage(What.GENERATED, "Database", at, via="generated types", declared=declared)


def _declared(file: File, database: Node) -> Iterator[Declared]:
    for schema, inside in _members(file, database):
        for kind_name, objects in _members(file, inside):
            kind = _KINDS.get(kind_name)
            for name, type_ in _members(file, objects) if kind else ():
                line = type_.start_point.row + 1
                if kind == "enum":
                    values = tuple(file.text(child)[1:-1] for child in _literals(type_))
                    yield Declared("enum", schema, name, values, line)
                    continue
                row = next((each for part, each in _members(file, type_) if part == "Row"), None)
                if row is not None:
                    columns = tuple(column for column, _ in _members(file, row))
                    yield Declared(kind or "", schema, name, columns, line)


def _members(file: File, node: Node) -> Iterator[tuple[str, Node]]:
    """Properties of an object type, with the type of each."""
    for child in node.named_children:
        if child.type != "property_signature":
            continue
        name, annotation = child.child_by_field_name("name"), child.child_by_field_name("type")
        if name is not None and annotation is not None and annotation.named_children:
            text = file.text(name)
            yield text[1:-1] if text[:1] in "\"'" else text, annotation.named_children[0]


def _literals(node: Node) -> Iterator[Node]:
    """The strings of `"a" | "b"`, whose tree leans to the left."""
    stack = [node]
    found = []
    while stack:
        each = stack.pop()
        if each.type == "string":
            found.append(each)
        stack += each.named_children
    yield from sorted(found, key=lambda each: each.start_byte)
