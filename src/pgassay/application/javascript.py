"""TypeScript and JavaScript -> what is known of values and names."""

from __future__ import annotations

import re
from collections.abc import Mapping

from pgassay.application.tree import File, Node, ancestors, contains, root_of, unwrapped
from pgassay.application.values import HOLE, Either, Field, Many, Row, Text, Value, moved

_DECLARED = re.compile(rb"\s*(?:[:=]|!:)(?![=>])")
_FIELD_SET = re.compile(rb"\s*\.\s*[\w$]+\s*=(?![=>])")
FUNCTIONS = frozenset(
    "function_declaration function_expression function arrow_function method_definition generator_function_declaration "
    "generator_function".split()
)
_SCOPES = FUNCTIONS | {"statement_block", "program", "for_statement", "for_in_statement", "switch_body", "class_body"}
DEPTH = 8


class Source:
    """What can be told of the expressions of one file. `imported` are values of names that other files give it."""

    def __init__(self, file: File, imported: Mapping[str, Value] | None = None) -> None:
        self.file = file
        self._imported = imported or {}
        self._declared: dict[str, list[Node]] = {}

    def declarations(self, name: str) -> list[Node]:
        """Declarators of a variable and assignments to it, anywhere in the file."""
        if name not in self._declared:
            self._declared[name] = [
                node.parent
                for node in self.file.named(name, _DECLARED)
                if node.parent is not None and _is_assigned(node, node.parent)
            ]
        return self._declared[name]

    def visible(self, name: str, at: Node) -> list[Node]:
        """The declarator, then assignments, of the innermost such variable around `at`; empty for a parameter."""
        candidates = self.declarations(name)
        if not candidates:
            return []
        for scope in (each for each in ancestors(at) if each.type in _SCOPES):
            if scope.type in FUNCTIONS and self.parameter(scope, name) is not None:
                return []
            for found in candidates:
                if found.type == "variable_declarator" and scope_of(found) == scope:
                    return [
                        found,
                        *(each for each in candidates if each.type != "variable_declarator" and contains(scope, each)),
                    ]
        return []

    def parameter(self, function: Node, name: str) -> int | None:
        """The position of a parameter of that name."""
        single = function.child_by_field_name("parameter")
        if single is not None:
            return 0 if self.file.text(single) == name else None
        parameters = function.child_by_field_name("parameters")
        for n, each in enumerate(parameters.named_children if parameters else ()):
            pattern = each.child_by_field_name("pattern") or each.child_by_field_name("left") or each
            if pattern.type == "identifier" and self.file.text(pattern) == name:
                return n
            if pattern.type == "object_pattern" and f" {name} " in f" {self.file.text(pattern).strip('{} ')} ".replace(
                ",", " "
            ):
                return -1
        return None

    def value(self, node: Node | None, depth: int = 0) -> Value:
        node = unwrapped(node)
        if node is None or depth > DEPTH:
            return None
        match node.type:
            case "string" | "template_string":
                return self._text(node)
            case "binary_expression":
                return self._joined(node, depth)
            case "object":
                return self._row(node, depth)
            case "array":
                items = [child for child in node.named_children if child.type != "comment"]
                spread = any(child.type == "spread_element" for child in items)
                known = (child for child in items if child.type != "spread_element")
                return Many(tuple(self.value(child, depth + 1) for child in known), not spread)
            case "ternary_expression":
                names = ("consequence", "alternative")
                return Either(tuple(self.value(node.child_by_field_name(name), depth + 1) for name in names))
            case "identifier":
                return self._variable(node, depth)
            case "member_expression":
                owner = self.value(node.child_by_field_name("object"), depth + 1)
                name = node.child_by_field_name("property")
                found = owner.get(self.file.text(name)) if isinstance(owner, Row) and name else None
                return moved(found, node.start_byte, node.end_byte) if self._is_imported(node) else found
            case "call_expression":
                return self._result(node, depth)
        return None

    def arguments(self, call: Node) -> tuple[Value, ...]:
        listed = call.child_by_field_name("arguments")
        if listed is None or listed.type == "template_string":
            return ()
        return tuple(self.value(child) for child in listed.named_children if child.type != "comment")

    def _text(self, node: Node) -> Text:
        """The fragments of the tree lack blanks at their ends, so what lies between its other parts is taken."""
        parts: list[str] = []
        pieces: list[tuple[int, int]] = []
        length = 0
        position, end = node.start_byte + 1, node.end_byte - 1
        special = [child for child in node.named_children if child.type in ("template_substitution", "escape_sequence")]
        for child in (*special, None):
            until = child.start_byte if child is not None else end
            part = self.file.data[position:until].decode(errors="replace")
            pieces.append((length, position))
            parts.append(part)
            length += len(part)
            if child is not None:
                part = HOLE if child.type == "template_substitution" else _unescaped(self.file.text(child))
                pieces.append((length, child.start_byte))
                parts.append(part)
                length += len(part)
                position = child.end_byte
        return Text("".join(parts), tuple(pieces), end)

    def _joined(self, node: Node, depth: int) -> Value:
        operator = node.child_by_field_name("operator")
        left, right = (node.child_by_field_name(side) for side in ("left", "right"))
        if operator is None or self.file.text(operator) != "+":
            if operator is not None and self.file.text(operator) in ("??", "||"):
                return Either((self.value(left, depth + 1), self.value(right, depth + 1)))
            return None
        # Long texts are added up piece by piece, and the tree leans to the left.
        one, other = self.value(left, depth), self.value(right, depth + 1)
        if not isinstance(one, Text) and not isinstance(other, Text):
            return None
        first = one if isinstance(one, Text) else Text(HOLE, ((0, node.start_byte),), node.end_byte)
        second = other if isinstance(other, Text) else Text(HOLE, ((0, node.end_byte),), node.end_byte)
        return concatenated([first, second])

    def _row(self, node: Node, depth: int) -> Row:
        fields: list[Field] = []
        complete = True
        for child in node.named_children:
            match child.type:
                case "pair":
                    key = child.child_by_field_name("key")
                    value = child.child_by_field_name("value")
                    name = self._key(key)
                    if name is None or key is None:
                        complete = False
                        continue
                    inside = key.type == "string"
                    found = self.value(value, depth + 1)
                    fields.append(Field(name, key.start_byte + inside, key.end_byte - inside, found))
                case "shorthand_property_identifier":
                    found = self._variable(child, depth + 1)
                    fields.append(Field(self.file.text(child), child.start_byte, child.end_byte, found))
                case "spread_element":
                    inner = unwrapped(child.named_children[0]) if child.named_children else None
                    more, whole = self._spread(inner, depth + 1)
                    fields += more
                    complete &= whole
                case "method_definition":
                    complete = False
        return Row(tuple(fields), complete)

    def _spread(self, node: Node | None, depth: int) -> tuple[tuple[Field, ...], bool]:
        """Fields that a spread brings, and whether these are surely all."""
        if node is not None and node.type == "binary_expression":
            row = self.value(node.child_by_field_name("right"), depth)
            return (row.fields, False) if isinstance(row, Row) else ((), False)
        value = self.value(node, depth)
        if isinstance(value, Either):
            return tuple(field for row in value.items if isinstance(row, Row) for field in row.fields), False
        return (value.fields, value.complete) if isinstance(value, Row) else ((), False)

    def _key(self, key: Node | None) -> str | None:
        if key is None:
            return None
        if key.type == "property_identifier":
            return self.file.text(key)
        if key.type == "string":
            return self._text(key).text
        return None

    def _variable(self, node: Node, depth: int) -> Value:
        if depth > DEPTH:
            return None
        name = self.file.text(node)
        found = self.visible(name, node)
        if not found:
            given = self._imported.get(name) if self._is_imported(node) else None
            return moved(given, node.start_byte, node.end_byte)
        value = self.value(found[0].child_by_field_name("value"), depth + 1)
        if len(found) > 1:
            # Assigned again: a text may be any of them, of an object not even the fields are sure.
            return None
        if isinstance(value, Row):
            more = self._assigned_fields(name, found[0])
            return Row(value.fields + more, value.complete and not more and not self._escapes(name, found[0]))
        if isinstance(value, Many):
            return Many(value.items, value.complete and not self._escapes(name, found[0]))
        return value

    def _is_imported(self, node: Node) -> bool:
        """Whether the first name of `node` is what another file gives, and nothing of this file."""
        root = root_of(node)
        name = self.file.text(root)
        if name not in self._imported or self.declarations(name):
            return False
        return not any(
            self.parameter(function, name) is not None for function in ancestors(root) if function.type in FUNCTIONS
        )

    def _assigned_fields(self, name: str, declarator: Node) -> tuple[Field, ...]:
        """`row.title = ...` after `const row = {...}`."""
        scope = scope_of(declarator)
        fields = []
        if scope is None:
            return ()
        for node in self.file.named(name, _FIELD_SET, declarator.end_byte, scope.end_byte):
            member = node.parent
            assigned = member.parent if member is not None else None
            key = member.child_by_field_name("property") if member is not None else None
            if key is not None and assigned is not None and assigned.type == "assignment_expression":
                value = self.value(assigned.child_by_field_name("right"))
                fields.append(Field(self.file.text(key), key.start_byte, key.end_byte, value))
        return tuple(fields)

    def _escapes(self, name: str, declarator: Node) -> bool:
        """Whether something else may add fields or rows: `row[key] = x`, `rows.push(x)`, `Object.assign(row, x)`."""
        text = self.file.data
        start = declarator.end_byte
        return (
            any(text.find(f"{name}{more}".encode(), start) >= 0 for more in ("[", ".push(", ".unshift(", ".splice("))
            or text.find(f"Object.assign({name}".encode(), start) >= 0
        )

    def _result(self, node: Node, depth: int) -> Value:
        """`[...].join(", ")`, `rows.map((row) => ({...}))` and `Object.freeze({...})`."""
        function = node.child_by_field_name("function")
        if function is None or function.type != "member_expression":
            return None
        method = function.child_by_field_name("property")
        listed = node.child_by_field_name("arguments")
        arguments = listed.named_children if listed else []
        if self.file.text(function) == "Object.freeze" and arguments:
            return self.value(arguments[0], depth + 1)
        match self.file.text(method) if method else "":
            case "join":
                owner = self.value(function.child_by_field_name("object"), depth + 1)
                separator = self.value(arguments[0], depth + 1) if arguments else None
                if isinstance(owner, Many) and owner.complete and isinstance(separator, Text):
                    parts = [item for item in owner.items if isinstance(item, Text)]
                    if len(parts) == len(owner.items) and parts:
                        return concatenated(parts, separator.text)
            case "map" | "flatMap" if arguments and arguments[0].type == "arrow_function":
                body = unwrapped(arguments[0].child_by_field_name("body"))
                if body is not None and body.type == "statement_block":
                    returns = [child for child in body.named_children if child.type == "return_statement"]
                    body = unwrapped(returns[0].named_children[0]) if returns and returns[0].named_children else None
                row = self.value(body, depth + 1) if body is not None and body.type == "object" else None
                return Many((row,)) if isinstance(row, Row) else None
            case "trim":
                return self.value(function.child_by_field_name("object"), depth + 1)
        return None


def concatenated(parts: list[Text], separator: str = "") -> Text:
    text = ""
    pieces: list[tuple[int, int]] = []
    for n, part in enumerate(parts):
        if n:
            pieces.append((len(text), part.start))
            text += separator
        pieces += [(len(text) + offset, byte) for offset, byte in part.pieces]
        text += part.text
    return Text(text, tuple(pieces), parts[-1].end)


def _unescaped(written: str) -> str:
    return {"\\n": "\n", "\\t": "\t", "\\r": "\r"}.get(written, written[1:] if len(written) == 2 else HOLE)


def scope_of(node: Node) -> Node | None:
    return next((each for each in ancestors(node) if each.type in _SCOPES), None)


def _is_assigned(node: Node, parent: Node) -> bool:
    field = {"variable_declarator": "name", "assignment_expression": "left"}.get(parent.type)
    return field is not None and parent.child_by_field_name(field) == node
