"""The calls of supabase-js and supabase-py -> usages. Both speak to PostgREST with the same words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from msgspec import Struct

from pgassay.application import values
from pgassay.application.select import Item, read_conditions, read_select
from pgassay.application.values import Call, Chain, Many, Row, Text, Value, texts
from pgassay.model import Embed, Location, Usage, What

VERBS = frozenset({"select", "insert", "update", "upsert", "delete"})
_FILTERS = frozenset(
    (
        "eq neq gt gte lt lte like ilike likeAllOf likeAnyOf ilikeAllOf ilikeAnyOf is in contains containedBy rangeGt "
        "rangeGte rangeLt rangeLte rangeAdjacent overlaps textSearch match filter not order regexMatch regexIMatch "
        "isDistinct notIn "
        # supabase-py
        "is_ in_ not_in like_all_of like_any_of ilike_all_of ilike_any_of cs cd contained_by "
        "range_gt range_gte range_lt range_lte range_adjacent adj ov sl sr nxl nxr fts plfts phfts wfts text_search"
    ).split()
)
_WITH_VALUE = frozenset({"eq", "neq"})
_WITH_VALUES = frozenset({"in", "in_", "notIn", "not_in"})
_RELATED_TABLE = ("referencedTable", "foreignTable", "foreign_table", "reference_table")

Locate = Callable[[int, int], Location]


class _From(Struct, frozen=True):
    """What all usages of one chain share. `embeds` leads from the names in the select string to their paths."""

    language: str
    via: str
    schema: str | None
    table: str
    locate: Locate
    embeds: Mapping[str, tuple[Embed, ...]]
    whole: bool

    def usage(self, what: What, name: str, start: int, end: int, action: str, **more: object) -> Usage:
        return Usage(
            what,
            name,
            self.locate(start, end),
            language=self.language,
            via=self.via,
            schema=self.schema,
            action=action,
            **{"table": self.table, **more},  # type: ignore[arg-type]
        )


def usages(chain: Chain, language: str, via: str, locate: Locate, *, sure: bool = False) -> Iterator[Usage]:
    """`sure` tells that the receiver is a client even where no verb follows."""
    first, *rest = chain.calls
    if not chain.schema_known or not first.arguments:
        return
    if first.name == "rpc":
        yield from _rpc(first, chain, language, via, locate)
        return
    if not sure and not any(call.name in VERBS for call in rest):
        return
    tables = list(texts(first.arguments[0]))
    for name in tables:
        if not name.is_whole or not name.text:
            continue
        selects = _selects(rest)
        embeds: dict[str, tuple[Embed, ...]] = {}
        for text in selects:
            _collect(read_select(text.text), (), embeds)
        # With a part that is not known, an alias may stand in it.
        whole = all(text.is_whole for text in selects) and len(selects) == sum(
            1 for call in rest if call.name == "select" and call.arguments
        )
        shared = _From(language, via, chain.schema, name.text, locate, embeds, whole)
        yield shared.usage(What.TABLE, name.text, name.start, name.end, _action(rest), table=None)
        if len(tables) == 1:
            for call in rest:
                yield from _call(call, shared)


def _action(calls: Sequence[Call]) -> str:
    return next((call.name for call in calls if call.name in VERBS), "from")


def _selects(calls: Sequence[Call]) -> list[Text]:
    found: list[Text] = []
    for call in calls:
        if call.name == "select":
            # In Python every argument is a column or a whole string.
            for argument in call.arguments[: None if len(call.arguments) > 1 else 1]:
                found += texts(argument)
    return found


def _collect(items: Sequence[Item], path: tuple[Embed, ...], found: dict[str, tuple[Embed, ...]]) -> None:
    """Filters name a related table by its alias, or by its name, with those of the levels above before it."""
    prefix = ""
    for item in items:
        if item.children is not None:
            inner = (*path, Embed(item.name, item.hint))
            for name in filter(None, (item.alias, item.name)):
                found.setdefault(prefix + name, inner)
            nested: dict[str, tuple[Embed, ...]] = {}
            _collect(item.children, inner, nested)
            for name, way in nested.items():
                for outer in filter(None, (item.alias, item.name)):
                    found.setdefault(f"{outer}.{name}", way)


def _call(call: Call, shared: _From) -> Iterator[Usage]:
    match call.name:
        case "select":
            for text in _selects([call]):
                yield from _selected(read_select(text.text), text, (), shared)
        case "insert" | "upsert" | "update":
            yield from _written(call, shared)
        case "or" | "or_":
            yield from _conditions(call, shared)
        case "match" if call.arguments:
            for row in values.rows(call.arguments[0]):
                yield from _fields(row, shared, "match")
        case name if name in _FILTERS and call.arguments:
            yield from _filter(call, shared)


def _selected(items: Sequence[Item], text: Text, path: tuple[Embed, ...], shared: _From) -> Iterator[Usage]:
    for item in items:
        start, end = text.at(item.start), text.at(item.end - 1) + 1
        if item.children is None:
            if item.name != "count":
                yield shared.usage(What.COLUMN, item.name, start, end, "select", path=path)
            continue
        inner = (*path, Embed(item.name, item.hint))
        yield shared.usage(What.RELATIONSHIP, item.name, start, end, "select", path=inner)
        yield from _selected(item.children, text, inner, shared)


def _written(call: Call, shared: _From) -> Iterator[Usage]:
    if not call.arguments:
        return
    written = call.arguments[0]
    rows = list(values.rows(written))
    for row in rows:
        yield from _fields(row, shared, call.name)
    options = call.arguments[1] if len(call.arguments) > 1 and isinstance(call.arguments[1], Row) else call.keywords
    if call.name == "upsert":
        for text in texts(options.get("onConflict", "on_conflict")):
            offset = 0
            for part in text.text.split(","):
                name = part.strip().strip('"')
                if name and text.is_whole:
                    start = text.at(offset + len(part) - len(part.lstrip()))
                    yield shared.usage(What.COLUMN, name, start, start + len(name), "onConflict")
                offset += len(part) + 1
    if call.name != "update" and rows and values.is_known(written):
        # The client sends the columns of all rows, and those that one of them lacks are null.
        names = tuple(dict.fromkeys(field.name for row in rows for field in row.fields))
        complete = all(row.complete for row in rows)
        yield shared.usage(What.ROW, shared.table, call.start, call.end, call.name, names=names, complete=complete)


def _fields(row: Row, shared: _From, action: str) -> Iterator[Usage]:
    for field in row.fields:
        yield shared.usage(What.COLUMN, field.name, field.start, field.end, action)
        yield from _value(field.value, shared, field.name, (), action)


def _value(value: Value, shared: _From, column: str, path: tuple[Embed, ...], action: str) -> Iterator[Usage]:
    for text in texts(value):
        if text.is_whole:
            yield shared.usage(What.VALUE, column, text.start, text.end, action, path=path, values=(text.text,))


def _filter(call: Call, shared: _From) -> Iterator[Usage]:
    options = next((each for each in call.arguments[1:] if isinstance(each, Row)), call.keywords)
    before = options.get(*_RELATED_TABLE) if call.name == "order" else None
    for text in texts(call.arguments[0]):
        if not text.is_whole or not text.text:
            continue
        if call.name == "order" and ("(" in text.text or any(option in _names(options) for option in _RELATED_TABLE)):
            related = next(texts(before), None)
            path = shared.embeds.get(related.text) if related else None
            if path and "(" not in text.text:
                yield shared.usage(What.COLUMN, _own(text.text), text.start, text.end, call.name, path=path)
            continue
        path, column = _reach(text.text, shared)
        if path is None:
            continue
        start = text.at(len(text.text.partition("->")[0]) - len(column)) if "->" not in column else text.start
        yield shared.usage(What.COLUMN, column, start, start + len(column.encode()), call.name, path=path)
        if "->" in text.text or len(call.arguments) < 2:
            continue
        if call.name in _WITH_VALUE:
            yield from _value(call.arguments[1], shared, column, path, call.name)
        elif call.name in _WITH_VALUES and isinstance(call.arguments[1], Many):
            for item in call.arguments[1].items:
                yield from _value(item, shared, column, path, call.name)


def _names(row: Row) -> set[str]:
    return {field.name for field in row.fields}


def _own(column: str) -> str:
    return column.partition("->")[0].replace('"', "").strip()


def _reach(written: str, shared: _From) -> tuple[tuple[Embed, ...] | None, str]:
    """`users.name` is a column of an embedded table; None when that cannot be told."""
    column = _own(written)
    related, _, name = column.rpartition(".")
    if not related:
        return (), column
    return shared.embeds.get(related), name


def _conditions(call: Call, shared: _From) -> Iterator[Usage]:
    if not call.arguments:
        return
    options = next((each for each in call.arguments[1:] if isinstance(each, Row)), call.keywords)
    base: tuple[Embed, ...] | None = ()
    if any(option in _names(options) for option in _RELATED_TABLE):
        related = next(texts(options.get(*_RELATED_TABLE)), None)
        base = shared.embeds.get(related.text) if related else None
    elif len(call.arguments) > 1 and not isinstance(call.arguments[1], Row):
        base = None
    if base is None:
        return
    for text in texts(call.arguments[0]):
        for condition in read_conditions(text.text):
            path, column = _reach(condition.column, shared)
            if path is None:
                continue
            start = text.at(condition.start)
            end = start + len(condition.column)
            way = base + path
            yield shared.usage(What.COLUMN, column, start, end, call.name, path=way)
            for value, offset in condition.values:
                place = text.at(offset)
                yield shared.usage(What.VALUE, column, place, place + len(value), call.name, path=way, values=(value,))


def _rpc(call: Call, chain: Chain, language: str, via: str, locate: Locate) -> Iterator[Usage]:
    for name in texts(call.arguments[0]):
        if not name.is_whole or not name.text:
            continue
        at = locate(name.start, name.end)
        common = {"language": language, "via": via, "schema": chain.schema, "action": "rpc"}
        yield Usage(What.FUNCTION, name.text, at, **common)  # type: ignore[arg-type]
        given = call.arguments[1] if len(call.arguments) > 1 else call.keywords.get("params") or Row(())
        if isinstance(given, Row):
            yield Usage(
                What.CALL,
                name.text,
                at,
                names=tuple(field.name for field in given.fields),
                complete=given.complete,
                places=tuple(locate(field.start, field.end) for field in given.fields),
                **common,  # type: ignore[arg-type]
            )
