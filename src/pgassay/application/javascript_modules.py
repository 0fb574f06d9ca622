"""TypeScript and JavaScript -> what a file imports, what it exports, and the values of that."""

from __future__ import annotations

from collections.abc import Iterator

from pgassay.application.javascript import FUNCTIONS, Source
from pgassay.application.links import Want
from pgassay.application.tree import Node, ancestors, unwrapped
from pgassay.application.values import Field, Row, Value


def imports(source: Source) -> dict[str, Want]:
    """By the name in this file."""
    return {want.local: want for each in source.file.root.named_children for want in _imported(source, each)}


def _imported(source: Source, node: Node) -> Iterator[Want]:
    text = source.file.text
    where = node.child_by_field_name("source") if node.type == "import_statement" else None
    if where is None:
        return
    module = text(where)[1:-1]
    for clause in node.named_children:
        for each in clause.named_children if clause.type == "import_clause" else ():
            match each.type:
                case "identifier":
                    yield Want(text(each), module, "default")
                case "namespace_import" if each.named_children:
                    yield Want(text(each.named_children[0]), module, "*")
                case "named_imports":
                    for specifier in each.named_children:
                        name, alias = (specifier.child_by_field_name(field) for field in ("name", "alias"))
                        if name is not None:
                            yield Want(text(alias or name), module, text(name))


def exported(source: Source, name: str) -> Value:
    """The value of a name that the file exports; `*` is an object of all of them."""
    if name == "*":
        names = [each for node in source.file.root.named_children for each in _declared(source, node)]
        return Row(tuple(Field(each, 0, 0, exported(source, each)) for each in dict.fromkeys(names)), False)
    for node in source.file.root.named_children:
        if name == "default" and node.type == "export_statement":
            value = unwrapped(node.child_by_field_name("value"))
            if value is not None:
                return source.value(value)
        declaration = node.child_by_field_name("declaration") if node.type == "export_statement" else node
        if declaration is None:
            continue
        if declaration.type == "enum_declaration" and _name(source, declaration) == name:
            return _enum(source, declaration)
        for each in declaration.named_children if declaration.type == "lexical_declaration" else ():
            # What is assigned again, or filled later, is left to `visible`.
            if each.type == "variable_declarator" and _name(source, each) == name:
                return source.value(each.child_by_field_name("value")) if len(source.declarations(name)) == 1 else None
    return None


def is_exported(source: Source, function: Node, name: str) -> bool:
    """Whether other files can import this function by its name."""
    around = list(ancestors(function))
    if any(each.type in FUNCTIONS or each.type == "class_body" for each in around):
        return False
    if any(each.type == "export_statement" for each in around):
        return True
    return any(
        source.file.text(specifier.child_by_field_name("name") or specifier) == name
        for node in source.file.root.named_children
        if node.type == "export_statement"
        for clause in node.named_children
        if clause.type == "export_clause"
        for specifier in clause.named_children
        if specifier.child_by_field_name("alias") is None
    )


def _declared(source: Source, node: Node) -> Iterator[str]:
    declaration = node.child_by_field_name("declaration") if node.type == "export_statement" else None
    if declaration is None:
        return
    nodes = declaration.named_children if declaration.type == "lexical_declaration" else [declaration]
    for each in nodes:
        name = _name(source, each)
        if name:
            yield name


def _name(source: Source, node: Node) -> str | None:
    name = node.child_by_field_name("name")
    return source.file.text(name) if name is not None and name.type == "identifier" else None


def _enum(source: Source, node: Node) -> Row:
    body = node.child_by_field_name("body")
    fields = []
    for each in body.named_children if body is not None else ():
        name, value = (each.child_by_field_name(field) for field in ("name", "value"))
        if each.type == "enum_assignment" and name is not None:
            fields.append(Field(source.file.text(name), name.start_byte, name.end_byte, source.value(value)))
    return Row(tuple(fields), False)
