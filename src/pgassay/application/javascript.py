"""TypeScript and JavaScript -> values, names and the chains of calls that begin at `from`, `table` or `rpc`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pgassay.application.postgrest import VERBS
from pgassay.application.sql_strings import METHODS, TAGS
from pgassay.application.tree import WRAPPERS, File, Node, ancestors, contains, unwrapped
from pgassay.application.values import HOLE, Call, Chain, Either, Field, Many, Row, Text, Value, texts

_BEGINNINGS = re.compile(rb"\.\s*(?P<name>from|rpc|on)\s*(?:<[^()\n]*>\s*)?\(")
_DECLARED = re.compile(rb"\s*(?:[:=]|!:)(?![=>])")
_FIELD_SET = re.compile(rb"\s*\.\s*[\w$]+\s*=(?![=>])")
_MEMBER = re.compile(rb"\s*!?\s*\??\.")
_GENERIC = r"\s*(?:<[^()`\n]*>\s*)?"
_QUERIES = re.compile(
    rf"\.\s*(?P<name>{'|'.join(map(re.escape, sorted(METHODS)))}){_GENERIC}\("
    rf"|(?<![\w$])(?P<tag>{'|'.join(map(re.escape, sorted(TAGS)))}){_GENERIC}`".encode()
)
FUNCTIONS = frozenset(
    "function_declaration function_expression function arrow_function method_definition generator_function_declaration "
    "generator_function".split()
)
_SCOPES = FUNCTIONS | {"statement_block", "program", "for_statement", "for_in_statement", "switch_body", "class_body"}
# Their `from` has nothing to do with a table, nor has what follows it.
_NO_CLIENTS = frozenset({"Array", "Buffer", "Object", "Set", "Map", "Color", "Readable", "Observable", "storage"})
_DEPTH = 8


class Source:
    """What can be told of the expressions of one file."""

    def __init__(self, file: File) -> None:
        self.file = file
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
                if found.type == "variable_declarator" and _scope(found) == scope:
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
        if node is None or depth > _DEPTH:
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
                return owner.get(self.file.text(name)) if isinstance(owner, Row) and name else None
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
        one, other = self.value(left, depth + 1), self.value(right, depth + 1)
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
        if depth > _DEPTH:
            return None
        name = self.file.text(node)
        found = self.visible(name, node)
        if not found:
            return None
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

    def _assigned_fields(self, name: str, declarator: Node) -> tuple[Field, ...]:
        """`row.title = ...` after `const row = {...}`."""
        scope = _scope(declarator)
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
        """`[...].join(", ")` and `rows.map((row) => ({...}))`."""
        function = node.child_by_field_name("function")
        if function is None or function.type != "member_expression":
            return None
        method = function.child_by_field_name("property")
        listed = node.child_by_field_name("arguments")
        arguments = listed.named_children if listed else []
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


def _scope(node: Node) -> Node | None:
    return next((each for each in ancestors(node) if each.type in _SCOPES), None)


def queries(source: Source) -> Iterator[tuple[str, Text]]:
    """Texts that are given to something which runs SQL, or that carry its tag, and the name of that."""
    for called in _QUERIES.finditer(source.file.data):
        group = "name" if called["name"] is not None else "tag"
        name = source.file.root.descendant_for_byte_range(*called.span(group))
        call = call_of(name)
        listed = call.child_by_field_name("arguments") if call else None
        if call is None or listed is None:
            continue
        function = call.child_by_field_name("function")
        owner = function.child_by_field_name("object") if function else None
        receiver = source.file.text(owner or function or call)
        if listed.type == "template_string":
            yield from ((receiver, text) for text in texts(source.value(listed)))
            continue
        given = next((child for child in listed.named_children if child.type != "comment"), None)
        value = source.value(given)
        value = value.get("text", "sql") if isinstance(value, Row) else value
        yield from ((receiver, text) for text in texts(value))


class Found:
    """A chain in the tree: `first` is the call that begins it, `last` the outermost expression it is part of."""

    __slots__ = ("chain", "first", "last")

    def __init__(self, chain: Chain, first: Node, last: Node) -> None:
        self.chain = chain
        self.first = first
        self.last = last


def call_of(name: Node | None) -> Node | None:
    """The call `name(...)` or `x.name(...)` of a name."""
    if name is None:
        return None
    function = name.parent if name.type == "property_identifier" else name
    call = function.parent if function is not None else None
    is_call = call is not None and call.type == "call_expression" and call.child_by_field_name("function") == function
    return call if is_call else None


def _is_assigned(node: Node, parent: Node) -> bool:
    field = {"variable_declarator": "name", "assignment_expression": "left"}.get(parent.type)
    return field is not None and parent.child_by_field_name(field) == node


def chains(source: Source) -> Iterator[Found]:
    """Chains that begin at `from`, `rpc` or `on`, with what later statements add to the same query."""
    for name in source.file.leaves(_BEGINNINGS):
        first = call_of(name)
        if first is None or name.type != "property_identifier":
            continue
        calls, last = _calls_after(source, first, [_call(source, first)])
        schema, known, is_client = _receiver(source, first)
        if is_client:
            more = _later_calls(source, last, [call.name for call in calls]) if calls[0].name == "from" else ()
            yield Found(Chain((*calls, *more), schema, known), first, last)


def _call(source: Source, call: Node) -> Call:
    function = call.child_by_field_name("function")
    name = function.child_by_field_name("property") if function else None
    if name is None:
        return Call("", call.start_byte, call.end_byte)
    return Call(source.file.text(name), name.start_byte, name.end_byte, source.arguments(call))


def _calls_after(source: Source, node: Node, calls: list[Call]) -> tuple[list[Call], Node]:
    """The calls on the result of `node`, one after the other, and the outermost of them."""
    while True:
        parent = node.parent
        while parent is not None and parent.type in WRAPPERS and parent.type != "await_expression":
            node, parent = parent, parent.parent
        if parent is None or parent.type != "member_expression" or parent.child_by_field_name("object") != node:
            return calls, node
        outer = parent.parent
        if outer is None or outer.type != "call_expression" or outer.child_by_field_name("function") != parent:
            return calls, node
        calls.append(_call(source, outer))
        node = outer


def _receiver(source: Source, first: Node) -> tuple[str | None, bool, bool]:
    """The schema that the client is set to, whether that is known, and whether it may be a client at all."""
    function = first.child_by_field_name("function")
    node = unwrapped(function.child_by_field_name("object")) if function else None
    for _ in range(_DEPTH):
        if node is None:
            return None, True, False
        if node.type == "member_expression":
            last = node.child_by_field_name("property")
            return None, True, last is not None and source.file.text(last) not in _NO_CLIENTS
        if node.type == "identifier":
            name = source.file.text(node)
            if name in _NO_CLIENTS or name.endswith("Array"):
                return None, True, False
            declared = source.visible(name, node)
            value = unwrapped(declared[0].child_by_field_name("value")) if len(declared) == 1 else None
            if value is None or value.type not in ("call_expression", "member_expression"):
                return None, True, True
            node = value
            continue
        if node.type != "call_expression":
            return None, True, node.type == "this"
        callee = node.child_by_field_name("function")
        if callee is None or callee.type != "member_expression":
            return *_created(source, node), True
        method = source.file.text(callee.child_by_field_name("property") or callee)
        if method == "schema":
            arguments = source.arguments(node)
            name_of = next(texts(arguments[0]), None) if arguments else None
            return (name_of.text, True, True) if name_of and name_of.is_whole else (None, False, True)
        if method in VERBS or method in ("selectDistinct", "selectFrom"):
            return None, True, False
        return *_created(source, node), True
    return None, True, True


def _created(source: Source, call: Node) -> tuple[str | None, bool]:
    """`createClient(url, key, { db: { schema: "app" } })`."""
    for argument in source.arguments(call):
        options = argument.get("db") if isinstance(argument, Row) else None
        if isinstance(options, Row) and "schema" in {field.name for field in options.fields}:
            schema = next(texts(options.get("schema")), None)
            return (schema.text, True) if schema and schema.is_whole else (None, False)
    return None, True


def _later_calls(source: Source, last: Node, sofar: list[str]) -> list[Call]:
    """`query = query.eq("a", 1)` in the statements after `let query = supabase.from("x")`."""
    parent = last.parent
    if parent is None or parent.type not in ("variable_declarator", "assignment_expression"):
        return []
    target = parent.child_by_field_name("name") or parent.child_by_field_name("left")
    if target is None or target.type != "identifier":
        return []
    name = source.file.text(target)
    declared = source.visible(name, target) if parent.type != "variable_declarator" else [parent]
    scope = _scope(declared[0]) if declared else None
    if scope is None or any(name_of in ("single", "maybeSingle") for name_of in sofar):
        return []
    others = [each for each in source.declarations(name) if contains(scope, each) and _begins_query(source, each)]
    if len(others) > 1:
        # Which of the queries a later call belongs to depends on what ran.
        return []
    calls: list[Call] = []
    for use in source.file.named(name, _MEMBER, last.end_byte, scope.end_byte):
        if use.type != "identifier" or source.visible(name, use)[:1] != declared[:1]:
            continue
        member = use.parent
        outer = member.parent if member is not None else None
        if outer is not None and outer.type == "call_expression" and outer.child_by_field_name("function") == member:
            calls += _calls_after(source, outer, [_call(source, outer)])[0]
    return calls


def _begins_query(source: Source, assigned: Node) -> bool:
    value = assigned.child_by_field_name("value") or assigned.child_by_field_name("right")
    return value is not None and (
        b".from(" in source.file.data[value.start_byte : value.end_byte]
        or b".rpc(" in source.file.data[value.start_byte : value.end_byte]
    )
