"""supabase-py -> usages: the same calls as in JavaScript, in the words of Python."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pgassay.application import postgrest
from pgassay.application.javascript import concatenated
from pgassay.application.postgrest import VERBS, Locate
from pgassay.application.sql_strings import METHODS
from pgassay.application.tree import WRAPPERS, File, Node, ancestors, unwrapped
from pgassay.application.values import HOLE, Call, Chain, Either, Field, Many, Row, Text, Value, texts
from pgassay.model import Usage

_VIA = "supabase-py"
_BEGINNINGS = re.compile(rb"\.\s*(?P<name>from_|table|rpc)\s*\(")
_ASSIGNED = re.compile(rb"\s*[:=](?!=)")
_MEMBER = re.compile(rb"\s*\.")
_METHODS = "|".join(sorted(name for name in METHODS if "$" not in name))
_QUERIES = re.compile(rf"(?:\.\s*|(?<![.\w])(?=text\())(?P<name>{_METHODS}|text)\s*\(".encode())
_SCOPES = frozenset({"function_definition", "module", "class_definition", "lambda"})
_DEPTH = 8


class Source:
    """What can be told of the expressions of one file."""

    def __init__(self, file: File) -> None:
        self.file = file
        self._assigned: dict[str, list[Node]] = {}

    def assignments(self, name: str, at: Node) -> list[Node]:
        """Assignments to a variable in the innermost scope around `at` that has any; empty for a parameter."""
        if name not in self._assigned:
            self._assigned[name] = [
                node.parent
                for node in self.file.named(name, _ASSIGNED)
                if node.parent is not None
                and node.parent.type == "assignment"
                and node.parent.child_by_field_name("left") == node
            ]
        for scope in (each for each in ancestors(at) if each.type in _SCOPES):
            parameters = scope.child_by_field_name("parameters")
            if parameters is not None and name in self._names(parameters):
                return []
            found = [each for each in self._assigned[name] if scope_of(each) == scope]
            if found:
                return found
        return []

    def _names(self, parameters: Node) -> set[str]:
        found = set()
        for each in parameters.named_children:
            name = each.child_by_field_name("name") or (each if each.type == "identifier" else None)
            if name is None and each.named_children:
                name = each.named_children[0]
            if name is not None:
                found.add(self.file.text(name))
        return found

    def value(self, node: Node | None, depth: int = 0) -> Value:
        node = unwrapped(node)
        if node is None or depth > _DEPTH:
            return None
        match node.type:
            case "string":
                return self._text(node)
            case "concatenated_string":
                parts = [self._text(child) for child in node.named_children if child.type == "string"]
                return concatenated(parts) if parts else None
            case "dictionary":
                return self._row(node, depth)
            case "list" | "tuple":
                items = [child for child in node.named_children if child.type != "comment"]
                spread = any(child.type == "list_splat" for child in items)
                return Many(
                    tuple(self.value(child, depth + 1) for child in items if child.type != "list_splat"), not spread
                )
            case "list_comprehension":
                row = self.value(node.child_by_field_name("body"), depth + 1)
                return Many((row,)) if isinstance(row, Row) else None
            case "conditional_expression":
                inner = node.named_children
                return Either((self.value(inner[0], depth + 1), self.value(inner[-1], depth + 1))) if inner else None
            case "identifier":
                return self._variable(node, depth)
        return None

    def _text(self, node: Node) -> Text:
        parts: list[str] = []
        pieces: list[tuple[int, int]] = []
        length = 0
        for child in node.named_children:
            if child.type not in ("string_content", "interpolation"):
                continue
            part = HOLE if child.type == "interpolation" else self.file.text(child)
            pieces.append((length, child.start_byte))
            parts.append(part)
            length += len(part)
        return Text(
            "".join(parts), tuple(pieces) or ((0, node.start_byte + 1),), max(node.start_byte + 1, node.end_byte - 1)
        )

    def _row(self, node: Node, depth: int) -> Row:
        fields: list[Field] = []
        complete = True
        for child in node.named_children:
            if child.type == "pair":
                key = unwrapped(child.child_by_field_name("key"))
                name = self.value(key, depth + 1)
                if key is None or not isinstance(name, Text) or not name.is_whole:
                    complete = False
                    continue
                value = self.value(child.child_by_field_name("value"), depth + 1)
                fields.append(Field(name.text, name.start, name.end, value))
            elif child.type == "dictionary_splat":
                more = self.value(child.named_children[0], depth + 1) if child.named_children else None
                fields += more.fields if isinstance(more, Row) else ()
                complete &= isinstance(more, Row) and more.complete
        return Row(tuple(fields), complete)

    def _variable(self, node: Node, depth: int) -> Value:
        name = self.file.text(node)
        found = self.assignments(name, node)
        if len(found) != 1:
            return None
        value = self.value(found[0].child_by_field_name("right"), depth + 1)
        start = found[0].end_byte
        changed = any(
            self.file.data.find(f"{name}{more}".encode(), start) >= 0
            for more in ("[", ".append(", ".extend(", ".update(", ".setdefault(", ".pop(")
        )
        if changed and isinstance(value, Row):
            return Row(value.fields, False)
        if changed and isinstance(value, Many):
            return Many(value.items, False)
        return value

    def call(self, node: Node) -> Call:
        function = node.child_by_field_name("function")
        name = function.child_by_field_name("attribute") if function else None
        listed = node.child_by_field_name("arguments")
        if name is None:
            return Call("", node.start_byte, node.end_byte)
        given: list[Value] = []
        keywords: list[Field] = []
        for child in listed.named_children if listed and listed.type == "argument_list" else ():
            if child.type == "keyword_argument":
                key = child.child_by_field_name("name")
                if key is not None:
                    found = self.value(child.child_by_field_name("value"))
                    keywords.append(Field(self.file.text(key), key.start_byte, key.end_byte, found))
            elif child.type != "comment":
                given.append(self.value(child))
        return Call(self.file.text(name), name.start_byte, name.end_byte, tuple(given), Row(tuple(keywords)))


def queries(source: Source) -> Iterator[tuple[str, Text]]:
    """Texts that are given to something which runs SQL, and the name of that."""
    for name in source.file.leaves(_QUERIES):
        call = _call_of(name)
        listed = call.child_by_field_name("arguments") if call else None
        given = listed.named_children[0] if listed is not None and listed.named_children else None
        function = call.child_by_field_name("function") if call else None
        owner = function.child_by_field_name("object") if function else None
        receiver = source.file.text(owner or name)
        if given is not None:
            yield from ((receiver, text) for text in texts(source.value(given)))


def _call_of(name: Node) -> Node | None:
    """The call `name(...)` or `x.name(...)` of a name."""
    parent = name.parent
    function = parent if parent is not None and parent.type == "attribute" else name
    call = function.parent
    is_call = call is not None and call.type == "call" and call.child_by_field_name("function") == function
    return call if is_call else None


def scope_of(node: Node) -> Node | None:
    return next((each for each in ancestors(node) if each.type in _SCOPES), None)


def usages(source: Source, locate: Locate) -> Iterator[Usage]:
    for name in source.file.leaves(_BEGINNINGS):
        first = _call_of(name)
        if first is None:
            continue
        calls, last = _calls_after(source, first, [source.call(first)])
        schema, known, is_client = _receiver(source, first)
        if not is_client:
            continue
        if calls[0].name != "rpc":
            calls += _later_calls(source, last)
            if not any(call.name in VERBS for call in calls):
                continue
        yield from postgrest.usages(Chain(tuple(calls), schema, known), "python", _VIA, locate)


def _calls_after(source: Source, node: Node, calls: list[Call]) -> tuple[list[Call], Node]:
    while True:
        parent = node.parent
        while parent is not None and parent.type in WRAPPERS and parent.type != "await":
            node, parent = parent, parent.parent
        if parent is None or parent.type != "attribute" or parent.child_by_field_name("object") != node:
            return calls, node
        outer = parent.parent
        if outer is None or outer.type != "call" or outer.child_by_field_name("function") != parent:
            # `.not_.is_("a", "null")`: a property between two calls.
            if outer is None or outer.type != "attribute":
                return calls, node
            node = parent
            continue
        calls.append(source.call(outer))
        node = outer


def _receiver(source: Source, first: Node) -> tuple[str | None, bool, bool]:
    """The schema that the client is set to, whether that is known, and whether it may be a client at all."""
    function = first.child_by_field_name("function")
    node = unwrapped(function.child_by_field_name("object")) if function else None
    if node is None:
        return None, True, False
    if node.type == "attribute":
        last = node.child_by_field_name("attribute")
        return None, True, last is not None and source.file.text(last) not in ("storage", "st")
    if node.type == "identifier":
        return None, True, source.file.text(node) not in ("storage", "st", "sa", "op")
    if node.type == "call":
        call = source.call(node)
        if call.name == "schema":
            name = next(texts(call.arguments[0]), None) if call.arguments else None
            return (name.text, True, True) if name and name.is_whole else (None, False, True)
        return None, True, call.name not in VERBS
    return None, True, False


def _later_calls(source: Source, last: Node) -> list[Call]:
    """`query = query.eq("a", 1)` in the statements after `query = client.table("x").select()`."""
    parent = last.parent
    target = parent.child_by_field_name("left") if parent is not None and parent.type == "assignment" else None
    if parent is None or target is None or target.type != "identifier":
        return []
    name = source.file.text(target)
    scope = scope_of(parent)
    begun = [
        each
        for each in source.assignments(name, target)
        if any(word in source.file.data[each.start_byte : each.end_byte] for word in (b".table(", b".from_("))
    ]
    if scope is None or len(begun) > 1:
        return []
    calls: list[Call] = []
    for use in source.file.named(name, _MEMBER, last.end_byte, scope.end_byte):
        member = use.parent
        outer = member.parent if member is not None else None
        if outer is not None and outer.type == "call" and outer.child_by_field_name("function") == member:
            calls += _calls_after(source, outer, [source.call(outer)])[0]
    return calls
