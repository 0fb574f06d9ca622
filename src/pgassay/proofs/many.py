"""Many rows in a table: copies of one that fits, told apart where keys want it."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from pgassay.model.given import NOTHING_GIVEN, Given
from pgassay.postgres.look import look
from pgassay.postgres.session import Session
from pgassay.proofs.facts import Column, Constraint, Facts, RelationFacts, quoted
from pgassay.proofs.fill import fill

# Without those that a constraint rests on.
_INDEXES = """
select i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) from pg_index i
where i.indrelid = {oid} and not exists (select from pg_constraint o where o.conindid = i.indexrelid)
"""
# Bytes for one table: it may be written anew, and the disk of the server has an end.
_ROOM = 100_000_000
_INTEGERS = ("smallint", "integer", "bigint", "numeric")
_DAYS = ("date",)
_TIMES = ("timestamp without time zone", "timestamp with time zone")


class Wanted(Struct, frozen=True):
    """Columns that must not be empty, such as must not hold the same values together, and what the settings give."""

    required: frozenset[str] = frozenset()
    unique: tuple[tuple[str, ...], ...] = ()
    given: Given = NOTHING_GIVEN


def multiply(
    session: Session, facts: Facts, relation: RelationFacts, rows: int, wanted: Wanted, *, whole: bool
) -> str | None:
    """Commit about `rows` rows to the table; why not, when that could not be done.

    Columns that may be empty are, but for those that are `wanted`. Unless it is to be `whole`, the table has neither
    statistics nor indexes but those of constraints: a mere scan needs none. Its checks and foreign keys are `not valid`
    then: looking up the parent of every row would take longer than all the rest. So would keeping indexes up to date,
    which are built again at the end; one that finds the copies too much alike is gone.
    """
    table = relation.quoted
    reason = _first(session, facts, relation, wanted.given)
    if reason and relation.foreign_keys:
        # A parent has no row: then it has to do without.
        for each in relation.foreign_keys:
            session.run(f"alter table {table} drop constraint {quoted(each.name)}")
        alone = replace(relation, constraints=tuple(each for each in relation.constraints if each.kind != "f"))
        reason = _first(session, Facts((alone,), (), (), facts.schemas, facts.roles), alone, wanted.given)
    if reason:
        return reason
    ((size,),) = session.rows(f"select pg_catalog.max(pg_catalog.pg_column_size(t.*)) from {table} as t")
    if size * rows > _ROOM:
        return f"{rows:,} rows of {size:,} bytes are too many for a throwaway server"
    bent = [each for each in relation.constraints if each.kind in ("f", "c")]
    indexes = look(session, _INDEXES.format(oid=relation.oid))
    session.run(f"alter table {table} disable trigger user")
    for each in bent:
        session.run(f"alter table {table} drop constraint {quoted(each.name)}")
    for index, _ in indexes:
        session.run(f"drop index {index}")
    for column in relation.columns:
        if column.name in wanted.required and not column.generated:
            name = quoted(column.name)
            session.run(f"update {table} set {name} = ({_some(column)})::{column.type} where {name} is null")
    error = session.run(_insert(relation, rows, wanted.unique)).error
    # What could not be dropped is still there, and refuses to be added.
    for _, definition in indexes if whole else ():
        session.run(definition)
    for each in bent:
        session.run(f"alter table {table} add constraint {quoted(each.name)} {_not_valid(each)}")
    session.run(f"alter table {table} enable trigger user")
    if whole and not error:
        session.run(f"analyze {table}")
    return error.message if error else None


def _first(session: Session, facts: Facts, relation: RelationFacts, given: Given) -> str | None:
    """A row or two to begin with; why not, when none could be made."""
    session.run("begin; set local statement_timeout = 0; set local lock_timeout = 0")
    family = fill(session, facts, _with_parents(facts, relation), given)
    made = family.of("a", relation) is not None
    session.run("commit" if made else "rollback")
    return None if made else family.reasons.get(relation.key, "a trigger left it out")


def _with_parents(facts: Facts, relation: RelationFacts) -> frozenset[str]:
    """Keys of the table and of those that its rows cannot do without."""
    found: set[str] = set()
    waiting = [relation]
    while waiting:
        each = waiting.pop()
        if each.key not in found:
            found.add(each.key)
            waiting += (facts.by_oid[oid] for key in each.foreign_keys if (oid := key.references or 0) in facts.by_oid)
    return frozenset(found)


def _not_valid(constraint: Constraint) -> str:
    return (
        constraint.definition if constraint.definition.endswith("NOT VALID") else f"{constraint.definition} not valid"
    )


def _insert(relation: RelationFacts, rows: int, unique: tuple[tuple[str, ...], ...]) -> str:
    names, values = [], []
    varied = frozenset(_varied(relation, unique))
    for column in relation.columns:
        if column.generated or _is_made_up(column):
            continue
        expression = f"s.{quoted(column.name)}"
        if column.name in varied:
            expression = another(column, expression, f"(select max({quoted(column.name)}) from {relation.quoted})")
        names.append(quoted(column.name))
        values.append(expression)
    source = f"(select * from {relation.quoted} limit 1)"
    into = f"{relation.quoted} ({', '.join(names)})" if names else relation.quoted
    return (
        f"insert into {into} select {', '.join(values)} from {source} as s, pg_catalog.generate_series(1, {rows}) as g"
    )


def _varied(relation: RelationFacts, unique: tuple[tuple[str, ...], ...]) -> Iterator[str]:
    """Of every key one column that can be told apart from copy to copy, unless one is made up by the server."""
    for names in (*relation.uniques, *unique):
        columns = [relation.by_name[name] for name in names or () if name in relation.by_name]
        able = [column for column in columns if another(column, "x", "y") != "x"]
        if not any(_is_made_up(column) for column in columns):
            yield from (column.name for column in able[:1])


def _is_made_up(column: Column) -> bool:
    return column.identity or (column.default or "").startswith("nextval(")


def another(column: Column, value: str, greatest: str) -> str:
    """An expression that differs from copy `g` to copy `g`; `value` itself where the type has not that many.

    `greatest` is that of the table: there may be other rows than the one that is copied.
    """
    if column.labels:
        return value
    if column.base in (*_INTEGERS, *_DAYS):
        return f"{greatest} + g"
    if column.base in _TIMES:
        return f"{greatest} + g * interval '1 second'"
    if column.base == "uuid":
        # In their order: an index takes them in several times as fast.
        return "('00000000-0000-4000-8000-' || pg_catalog.lpad(pg_catalog.to_hex(g), 12, '0'))::uuid"
    if column.base == "bytea":
        return "pg_catalog.decode(pg_catalog.md5(g::text), 'hex')"
    if column.category == "S":
        kept = f"pg_catalog.left({value}, {max(0, column.length - 7)})" if column.length else value
        return f"({kept} || g)::{column.type}"
    return value


def _some(column: Column) -> str:
    if column.labels:
        return "'" + column.labels[0].replace("'", "''") + "'"
    if column.base in _INTEGERS or column.category == "N":
        return "'1'"
    return _SOME.get(column.base, "'a'")


_SOME = {
    "uuid": "'00000000-0000-4000-8000-000000000000'",
    "boolean": "'false'",
    "date": "'2030-01-01'",
    "timestamp without time zone": "'2030-01-01 12:00'",
    "timestamp with time zone": "'2030-01-01 12:00+00'",
    "json": "'{}'",
    "jsonb": "'{}'",
    "time without time zone": "'12:00'",
    "interval": "'1 hour'",
    "bytea": "''",
}
