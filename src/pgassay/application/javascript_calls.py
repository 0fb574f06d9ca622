"""TypeScript and JavaScript -> chains of calls that begin at `from`, `rpc` or `on`, and texts that are SQL."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pgassay.application.javascript import DEPTH, Source, scope_of
from pgassay.application.postgrest import VERBS
from pgassay.application.sql_strings import METHODS, TAGS
from pgassay.application.tree import WRAPPERS, Node, contains, unwrapped
from pgassay.application.values import Call, Chain, Row, Text, texts

_BEGINNINGS = re.compile(rb"\.\s*(?P<name>from|rpc|on)\s*(?:<[^()\n]*>\s*)?\(")
_MEMBER = re.compile(rb"\s*!?\s*\??\.")
_GENERIC = r"\s*(?:<[^()`\n]*>\s*)?"
_QUERIES = re.compile(
    rf"\.\s*(?P<name>{'|'.join(map(re.escape, sorted(METHODS)))}){_GENERIC}\("
    rf"|(?<![\w$])(?P<tag>{'|'.join(map(re.escape, sorted(TAGS)))}){_GENERIC}`".encode()
)
# Their `from` has nothing to do with a table, nor has what follows it.
_NO_CLIENTS = frozenset({"Array", "Buffer", "Object", "Set", "Map", "Color", "Readable", "Observable", "storage"})


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
    for _ in range(DEPTH):
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
    scope = scope_of(declared[0]) if declared else None
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
