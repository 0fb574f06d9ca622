"""What a row has to be like for a statement to fail on it, from what the server said when it did."""

from __future__ import annotations

import re
from typing import Any

from msgspec import Struct

from pgassay.model import ServerError, Statement, Step, Stopped
from pgassay.postgres.look import look
from pgassay.postgres.session import QueryRefused, Session
from pgassay.proofs.facts import RelationFacts, quoted
from pgassay.proofs.rows import OURS
from pgassay.proofs.said import writes_rows
from pgassay.proofs.stock import Stock
from pgassay.proofs.written import as_name, as_table, as_value, if_short
from pgassay.replay.execute import Executed
from pgassay.replay.ground import Ground
from pgassay.sql import edits, locate

_NO_VALUE = re.compile(r'column "(?P<column>[^"]+)" of relation "(?P<table>[^"]+)"')
_KEY = re.compile(r"^Key \((?P<columns>.+?)\)=\((?P<values>.*)\) (?:is|already|conflicts)")
_CONSTRAINT = re.compile(r'constraint "(?P<name>[^"]+)"|index "(?P<index>[^"]+)"')
_RELATION = re.compile(r'(?:relation|table) "([^"]+)"')
_INNER = re.compile(r'^SQL statement "\s*(\w+)', re.M)
# Of a value that the new type does not take: too long, out of range, no number, no date, no such label.
_NO_VALUE_OF_TYPE = frozenset({"22001", "22003", "22P02", "22007", "22008"})

_OF_CONSTRAINT = """
select c.relname, array(select a.attname from unnest(o.conkey) k join pg_attribute a on (a.attrelid, a.attnum) = (o.conrelid, k)),
       o.contype::text, case when o.contype = 'c' then pg_get_expr(o.conbin, o.conrelid) end, r.relname,
       array(select a.attname from unnest(o.confkey) k join pg_attribute a on (a.attrelid, a.attnum) = (o.confrelid, k))
from pg_constraint o join pg_class c on c.oid = o.conrelid left join pg_class r on r.oid = o.confrelid
where o.conname = %s and (%s::text is null or c.relname = %s)
"""  # noqa: E501
_TYPES = """
select a.attname, format_type(a.atttypid, a.atttypmod) from pg_attribute a
join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
where (n.nspname, c.relname) = (%s, %s) and a.attnum > 0 and not a.attisdropped
"""
_OF_A_COPY = ("23502", "23505")
_OF_INDEX = """
select t.relname from pg_index i join pg_class c on c.oid = i.indexrelid join pg_class t on t.oid = i.indrelid
where c.relname = %s
"""


class Said(Struct, frozen=True):
    """A constraint as the database has it after the change."""

    table: str
    columns: tuple[str, ...]
    kind: str
    expression: str | None
    referenced: str | None
    keys: tuple[str, ...]


class Stops:
    def __init__(self, ground: Ground, session: Session, stock: Stock) -> None:
        self._ground = ground
        self._session = session
        self._stock = stock
        self._tables: dict[str, list[RelationFacts]] = {}
        for each in stock.facts.relations:
            if each.is_table:
                self._tables.setdefault(each.name, []).append(each)
        self._locked: frozenset[int] = frozenset()

    def explain(self, step: Step, done: Executed) -> Stopped | None:
        """None for what says nothing of rows that people have."""
        error, statement = done.error, done.statement
        self._locked = frozenset(lock.relation.oid for lock in (*step.locks, *step.held))
        if error is None or OURS in error.message or self._is_about_our_rows(statement, error):
            return None
        found: Stopped | None = None
        match error.sqlstate:
            case "23502":
                found = self._without_value(statement, error)
            case "23505" | "23P01":
                found = self._same(statement, error)
            case "23514":
                found = self._against_check(statement, error)
            case "23503":
                found = self._nowhere(statement, error)
            case "55006" if "pending trigger events" in error.message:
                found = self._plain(statement, error)
            case "22012":
                found = self._plain(statement, error)
            case state if state in _NO_VALUE_OF_TYPE:
                found = self._not_of_type(step, error)
        return found

    def says_nothing(self, done: Executed) -> bool:
        """Of roles, which are the server's and not the database's."""
        assert done.error
        return "role" in done.error.message or "ROLE" in done.statement.kind or done.error.sqlstate == "55P04"

    def _is_about_our_rows(self, statement: Statement, error: ServerError) -> bool:
        """An insert fails beside rows that were made up, be it inside a function or a trigger.

        What is copied from column to column rests on what the application keeps true, and made-up rows do not.
        """
        inner = _INNER.search(error.context or "")
        if inner:
            return inner[1].upper() not in ("UPDATE", "DELETE", "ALTER", "CREATE")
        if statement.kind == "INSERT":
            is_new = statement.tree.relation.relname not in self._tables
            return not _reads(statement.tree) or error.sqlstate not in (_OF_A_COPY if is_new else ("23502",))
        return statement.kind == "UPDATE" and error.sqlstate == "23503"

    def _without_value(self, statement: Statement, error: ServerError) -> Stopped | None:
        found = _NO_VALUE.search(error.message)
        if not found:
            return None
        column, table = found["column"], self._named(found["table"])
        if table is None:
            return self._plain(statement, error)
        always = self._always(statement, table, (column,))
        return Stopped(
            statement,
            error,
            edits.error_location(statement, error),
            table.display,
            (column,),
            always=always,
            no_value=not always,
            find=None if always else f"select * from {as_table(table)} where {as_name(column)} is null",
        )

    def _same(self, statement: Statement, error: ServerError) -> Stopped | None:
        key = _KEY.match(error.detail or "")
        table = self._table_of(statement, error)
        if table is None:
            return self._plain(statement, error)
        # An index may be on expressions too; names are quoted where they need it.
        names = key["columns"] if key else ""
        columns = tuple(re.sub(r'^"(.*)"$', r"\1", each) for each in names.split(", ")) if names else ()
        plain = re.fullmatch(r'(?:"[^"]+"|\w+)(?:, (?:"[^"]+"|\w+))*', names) is not None
        there = not self._new(table).keys() & set(re.findall(r"\w+", names))
        return Stopped(
            statement,
            error,
            edits.error_location(statement, error),
            table.display,
            columns,
            always=plain and self._always(statement, table, columns),
            same=bool(columns),
            find=f"select {names} from {as_table(table)} group by {names} having count(*) > 1"
            if names and there
            else None,
        )

    def _against_check(self, statement: Statement, error: ServerError) -> Stopped | None:
        named = self._table_of(statement, error)
        said = self._constraint(error, named)
        table = self._named(said.table) if said else named
        if table is None:
            return self._plain(statement, error)
        columns = said.columns if said else ()
        always = bool(columns) and self._always(statement, table, columns)
        bad = f"not ({said.expression})" if said and said.expression and not always else None
        there = all(column in table.by_name for column in columns)
        return Stopped(
            statement,
            error,
            edits.error_location(statement, error),
            table.display,
            columns,
            always=always,
            held=self._held(table, columns, bad) if bad else (),
            find=if_short(f"select * from {as_table(table)} where {bad}") if bad and there else None,
        )

    def _nowhere(self, statement: Statement, error: ServerError) -> Stopped | None:
        table = self._table_of(statement, error)
        said = self._constraint(error, table)
        if table is None or said is None or "is still referenced" in (error.detail or ""):
            return self._plain(statement, error)
        always = self._always(statement, table, said.columns)
        same = " and ".join(
            f"p.{as_name(key)} = t.{as_name(column)}" for column, key in zip(said.columns, said.keys, strict=True)
        )
        there = " and ".join(f"t.{as_name(column)} is not null" for column in said.columns)
        return Stopped(
            statement,
            error,
            edits.error_location(statement, error),
            table.display,
            said.columns,
            always=always,
            referenced=None if always else said.referenced,
            find=None
            if always
            else f"select * from {as_table(table)} t where {there} and not exists "
            f"(select from {said.referenced} p where {same})",
        )

    def _not_of_type(self, step: Step, error: ServerError) -> Stopped | None:
        """Which column of several it was is tried out. What an update reads from a text, our texts say nothing of."""
        statement = step.statement
        if not step.retyped:
            return None
        guilty = next((each for each in step.retyped if self._refuses(each.table.oid, each.column, each.after)), None)
        guilty = guilty or step.retyped[0]
        part = next((p for p in locate.parts(statement) if getattr(p.node, "name", None) == guilty.column), None)
        at = locate.part_location(statement, part) if part else edits.first_line(statement)
        held = re.search(r': "(.*)"$', error.message, re.S)
        shown = (f"{guilty.column} = {as_value(held[1])}",) if held else ()
        return Stopped(statement, error, at, guilty.table.name, (guilty.column,), held=shown)

    def _plain(self, statement: Statement, error: ServerError) -> Stopped:
        table = self._table_of(statement, error)
        return Stopped(statement, error, edits.error_location(statement, error), table.display if table else None)

    def _always(self, statement: Statement, table: RelationFacts, columns: tuple[str, ...]) -> bool:
        """The columns are new, and nobody fills them from what the row holds."""
        if any(column in table.by_name for column in columns):
            return False
        every = [each for migration in self._ground.plan.history.proposed for each in migration.up]
        earlier = every[: next((n for n, each in enumerate(every) if each is statement), 0)]
        return not writes_rows(earlier, table.name)

    def _table_of(self, statement: Statement, error: ServerError) -> RelationFacts | None:
        if named := _RELATION.search(error.message):
            return self._named(named[1])
        relation = getattr(statement.tree, "relation", None)
        if relation is not None and relation.relname:
            return self._named(relation.relname)
        named = _CONSTRAINT.search(error.message)
        if not named:
            return None
        if named["index"]:
            return next((self._named(row[0]) for row in self._after(_OF_INDEX, (named["index"],))), None)
        said = self._constraint(error, None)
        return self._named(said.table) if said else None

    def _named(self, name: str) -> RelationFacts | None:
        """The server names tables without their schema: of several, one that the statement has locked."""
        found = self._tables.get(name, [])
        order = sorted(found, key=lambda each: (each.oid not in self._locked, each.schema != "public"))
        return order[0] if order else None

    def _constraint(self, error: ServerError, table: RelationFacts | None) -> Said | None:
        named = _CONSTRAINT.search(error.message)
        name = named and (named["name"] or named["index"])
        if not name:
            return None
        of = table.name if table else None
        for relname, columns, kind, expression, referenced, keys in self._after(_OF_CONSTRAINT, (name, of, of)):
            return Said(relname, tuple(columns), kind, expression, referenced, tuple(keys))
        return None

    def _after(self, query: str, parameters: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        with self._ground.bench.server.connect(self._ground.after) as session:
            return look(session, query, parameters)

    def _held(self, table: RelationFacts, columns: tuple[str, ...], condition: str) -> tuple[str, ...]:
        """What stood in one of the rows that the condition is true of. Nothing is in a column that is new."""
        names = [column for column in columns if column in table.by_name]
        cells = ", ".join(f"t.{quoted(name)}::pg_catalog.text" for name in names)
        added = self._new(table)
        new = [f"null::{added[name]} as {quoted(name)}" for name in columns if name in added]
        rows_of = f"(select {', '.join(('o.*', *new))} from {table.quoted} o)" if new else table.quoted
        query = f"select {cells} from {rows_of} as t where {condition} limit 1"
        rows = self._ask(query) if names else []
        return tuple(f"{name} = {as_value(value)}" for row in rows for name, value in zip(names, row, strict=True))

    def _new(self, table: RelationFacts) -> dict[str, str]:
        """Names and types of the columns that the change adds."""
        found = self._after(_TYPES, (table.schema, table.name))
        return {name: type_ for name, type_ in found if name not in table.by_name}

    def _refuses(self, oid: int, column: str, type_: str) -> bool:
        relation = self._stock.facts.by_oid.get(oid)
        if relation is None:
            return False
        query = f"select pg_catalog.count({quoted(column)}::{type_}) from {relation.quoted}"
        return not self._ask(query)

    def _ask(self, query: str) -> list[tuple[Any, ...]]:
        """Nothing where the server refuses. Names in a constraint's text are found as the migration finds them."""
        inside = self._session.open
        self._session.run("savepoint pgassay_asked" if inside else "begin")
        try:
            return self._session.rows(query)
        except QueryRefused:
            return []
        finally:
            self._session.run("rollback to savepoint pgassay_asked" if inside else "rollback")


def _reads(insert: Any) -> bool:
    return bool(insert.select_stmt.select_stmt.from_clause)
