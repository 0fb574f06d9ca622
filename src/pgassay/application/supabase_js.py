"""supabase-js in TypeScript and JavaScript -> usages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from pgassay.application import postgrest
from pgassay.application.javascript import FUNCTIONS, Source
from pgassay.application.javascript_calls import Found, call_of, chains
from pgassay.application.javascript_modules import imports, is_exported
from pgassay.application.links import Links, Want, Wrapper
from pgassay.application.postgrest import VERBS, Locate
from pgassay.application.tree import Node, ancestors, root_of, unwrapped
from pgassay.application.values import Call, Chain, Row, Text, texts
from pgassay.model import Usage, What

_VIA = "supabase-js"
_CALLED = re.compile(rb"\s*(?:<[^()\n]*>\s*)?\(")


class Gathered:
    """What the reading of a file finds out about its links, besides usages."""

    def __init__(self) -> None:
        self.wants: dict[Want, None] = {}
        self.wrappers: dict[Wrapper, None] = {}

    @property
    def links(self) -> Links:
        return Links(tuple(self.wants), tuple(self.wrappers))


def usages(
    source: Source, language: str, locate: Locate, gathered: Gathered | None = None, given: Iterable[Wrapper] = ()
) -> Iterator[Usage]:
    """`given` are wrappers that other files have, by their name here."""
    gathered = gathered or Gathered()
    wrappers: list[tuple[str, int, Found]] = []
    for found in chains(source):
        first = found.chain.calls[0]
        if first.name == "on":
            yield from _realtime(first, language, locate)
            continue
        if not first.arguments:
            continue
        if first.name == "from" and not any(call.name in VERBS for call in found.chain.calls):
            continue
        if first.arguments[0] is None:
            _gather(source, found, gathered)
            wrapper = _wrapper(source, found.first)
            if wrapper:
                wrappers.append((*wrapper[1:], found))
            continue
        yield from postgrest.usages(found.chain, language, _VIA, locate)
    # A function may begin more than one query with what it is given.
    own = (Wrapper(name, at, found.chain.calls[0].name, found.chain.schema) for name, at, found in wrappers)
    for each in dict.fromkeys((*own, *given)):
        yield from _of_wrapper(source, each, language, locate)


def _of_wrapper(source: Source, wrapper: Wrapper, language: str, locate: Locate) -> Iterator[Usage]:
    """What the callers of a function that takes a table's name ask for. Of its columns nothing is known."""
    for text in _given(source, wrapper.name, wrapper.position):
        called = Call(wrapper.method, text.start, text.end, (text,))
        rest = (Call("select", text.start, text.end),) if wrapper.method == "from" else ()
        for usage in postgrest.usages(Chain((called, *rest), wrapper.schema), language, _VIA, locate):
            if usage.what in (What.TABLE, What.FUNCTION):
                yield usage


def _gather(source: Source, found: Found, gathered: Gathered) -> None:
    listed = found.first.child_by_field_name("arguments")
    argument = unwrapped(listed.named_children[0]) if listed and listed.named_children else None
    if argument is not None and argument.type in ("identifier", "member_expression"):
        name = source.file.text(root_of(argument))
        want = imports(source).get(name)
        if want:
            gathered.wants[want] = None
    if found.chain.schema_known and (wrapper := _wrapper(source, found.first)):
        function, name, position = wrapper
        if is_exported(source, function, name):
            gathered.wrappers[Wrapper(name, position, found.chain.calls[0].name, found.chain.schema)] = None


def _realtime(call: Call, language: str, locate: Locate) -> Iterator[Usage]:
    """`channel.on("postgres_changes", { event, schema, table, filter }, ...)`."""
    event = next(texts(call.arguments[0]), None) if call.arguments else None
    if event is None or event.text != "postgres_changes" or len(call.arguments) < 2:
        return
    options = call.arguments[1]
    if not isinstance(options, Row):
        return
    schema = next(texts(options.get("schema")), None)
    named = schema.text if schema and schema.is_whole and schema.text != "public" else None
    if schema and not schema.is_whole:
        return
    for table in texts(options.get("table")):
        if not table.is_whole or table.text in ("", "*"):
            continue
        where = {"language": language, "via": _VIA, "schema": named, "action": "on"}
        yield Usage(What.TABLE, table.text, locate(table.start, table.end), **where)  # type: ignore[arg-type]
        condition = next(texts(options.get("filter")), None)
        column = re.match(r"\w+(?==)", condition.text) if condition else None
        if condition and column:
            at = locate(condition.start, condition.start + len(column[0]))
            yield Usage(What.COLUMN, column[0], at, table=table.text, **where)  # type: ignore[arg-type]


def _wrapper(source: Source, first: Node) -> tuple[Node, str, int] | None:
    """The function whose parameter names the table, its name, and the position of that parameter."""
    listed = first.child_by_field_name("arguments")
    argument = unwrapped(listed.named_children[0]) if listed and listed.named_children else None
    if argument is None or argument.type != "identifier":
        return None
    name = source.file.text(argument)
    for function in (each for each in ancestors(first) if each.type in FUNCTIONS):
        position = source.parameter(function, name)
        if position is None:
            continue
        called = _name_of(source, function)
        return (function, called, position) if called and position >= 0 else None
    return None


def _name_of(source: Source, function: Node) -> str | None:
    name = function.child_by_field_name("name")
    if name is None and function.parent is not None and function.parent.type in ("variable_declarator", "pair"):
        name = function.parent.child_by_field_name("name") or function.parent.child_by_field_name("key")
    return source.file.text(name) if name is not None and name.type in ("identifier", "property_identifier") else None


def _given(source: Source, name: str, position: int) -> Iterator[Text]:
    """What callers in this file pass for the parameter."""
    if not re.fullmatch(r"[\w$]+", name):
        return
    for node in source.file.named(name, _CALLED):
        call = call_of(node)
        function = call.child_by_field_name("function") if call else None
        owner = function.child_by_field_name("object") if function and function.type == "member_expression" else None
        if call is None or (owner is not None and owner.type != "this"):
            continue
        arguments = source.arguments(call)
        if len(arguments) > position:
            yield from texts(arguments[position])
