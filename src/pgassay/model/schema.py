"""The schema that application code meets: one catalog after applying, and beside it the one before the change."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from msgspec import Struct

from pgassay.model.seen import ServerError
from pgassay.model.usage import Embed, Usage

# A view has no foreign keys of its own; which relationships the API derives for it is not known here.
_VIEWS = frozenset({"view", "materialized view"})


class Column(Struct, frozen=True):
    """`has_default` is true for an identity column too; `always` for one that no insert may give a value.

    `enum` is the oid of its enum type, be it that or an array of it. `allowed` are the only values that a check
    constraint lets in; None where there is none that is as plain as `status in ('open', 'closed')`.
    """

    name: str
    number: int
    type: str
    not_null: bool
    has_default: bool
    always: bool
    enum: int | None = None
    allowed: tuple[str, ...] | None = None

    @property
    def required(self) -> bool:
        """An insert fails without it."""
        return self.not_null and not self.has_default and not self.always


class Table(Struct, frozen=True):
    """A table, a view or the like. `fills_rows` tells of a trigger before or instead of INSERT."""

    oid: int
    schema: str
    name: str
    kind: str
    columns: Mapping[str, Column]
    fills_rows: bool = False

    @property
    def is_view(self) -> bool:
        return self.kind in _VIEWS

    @property
    def display(self) -> str:
        return self.name if self.schema == "public" else f"{self.schema}.{self.name}"


class ForeignKey(Struct, frozen=True):
    """`table` and `referenced` are oids."""

    name: str
    table: int
    referenced: int
    columns: tuple[str, ...]
    referenced_columns: tuple[str, ...]


class Function(Struct, frozen=True):
    """`arguments` are the names of the input arguments, empty for one without; the last `defaults` may be left out.

    `of_row` is the oid of the table whose row is its one argument: such a function is a column, or a relationship, of
    that table to the API. `gives_rows_of` is the oid of the table whose rows it returns.
    """

    oid: int
    schema: str
    name: str
    arguments: tuple[str, ...]
    types: tuple[str, ...]
    defaults: int
    variadic: bool
    returns: str
    of_row: int | None = None
    gives_rows_of: int | None = None

    @property
    def required(self) -> tuple[str, ...]:
        return self.arguments[: len(self.arguments) - self.defaults]

    def accepts(self, names: Iterable[str], *, complete: bool) -> bool:
        """Whether the API would choose it for a call with these arguments; not `complete`: with more than these."""
        given = set(names)
        if not all(self.arguments) or self.variadic:
            # One argument without a name takes the whole body.
            return True
        return given <= set(self.arguments) and (not complete or given >= set(self.required))


class Enum(Struct, frozen=True):
    oid: int
    schema: str
    name: str
    values: tuple[str, ...]


class Schema(Struct, frozen=True, dict=True):
    """`former` is the schema before the change. `refusals` holds what the server said to SQL texts that it refused."""

    schemas: frozenset[str]
    tables: tuple[Table, ...]
    foreign_keys: tuple[ForeignKey, ...]
    keys: Mapping[int, tuple[tuple[str, ...], ...]]
    functions: tuple[Function, ...]
    enums: Mapping[int, Enum]
    refusals: Mapping[str, ServerError] = {}
    former: Schema | None = None

    @cached_property
    def _tables(self) -> dict[tuple[str, str], Table]:
        return {(table.schema, table.name): table for table in self.tables}

    @cached_property
    def _by_oid(self) -> dict[int, Table]:
        return {table.oid: table for table in self.tables}

    @cached_property
    def _functions(self) -> dict[tuple[str, str], list[Function]]:
        found: dict[tuple[str, str], list[Function]] = {}
        for function in self.functions:
            found.setdefault((function.schema, function.name), []).append(function)
        return found

    def table(self, schema: str | None, name: str) -> Table | None:
        return self._tables.get((schema or "public", name))

    def overloads(self, schema: str | None, name: str) -> list[Function]:
        return self._functions.get((schema or "public", name), [])

    def elsewhere(self, name: str) -> list[Table]:
        """Tables of that name in any schema that is not the platform's."""
        return [table for table in self.tables if table.name == name and table.schema not in PLATFORM]

    def reached(self, usage: Usage) -> Table | None:
        """The table that a usage is about; None when it does not exist or cannot be told."""
        table = self.table(usage.schema, usage.table or "")
        for step in usage.path:
            if table is None:
                return None
            found = self.related(table, step)
            if not found:
                # Views have relationships that only the API knows; the name of a table then says where it leads.
                named = self.table(usage.schema, step.name)
                found = [named] if named and (table.is_view or named.is_view) else []
            table = found[0] if len({each.oid for each in found}) == 1 else None
        return table

    def related(self, origin: Table, step: Embed) -> list[Table]:
        """Tables that `step` leads to from `origin`, one entry for each relationship.

        As PostgREST searches them: by the name of the table, a constraint, or a column of a single-column foreign key.
        """
        return [table for table, _ in self._relations(origin, step)]

    def is_ambiguous(self, origin: Table, step: Embed) -> bool:
        """More than one foreign key between the two, and nothing that says which."""
        direct = {name for _, name in self._relations(origin, step) if name}
        return step.hint is None and len(direct) > 1

    def _relations(self, origin: Table, step: Embed) -> list[tuple[Table, str]]:
        found: list[tuple[Table, str]] = []
        for key in self.foreign_keys:
            for here, there, out in ((key.table, key.referenced, True), (key.referenced, key.table, False)):
                other = self._by_oid.get(there)
                # The API does not serve what the platform keeps for itself, such as auth.users.
                hidden = other is not None and other.schema in PLATFORM and origin.schema not in PLATFORM
                if here == origin.oid and other and not hidden and _leads(key, other, step, outward=out):
                    found.append((other, key.name))
        if not found:
            found += ((table, "") for table in self._across(origin, step))
        for function in self.functions:
            if function.name == step.name and function.of_row == origin.oid and function.gives_rows_of in self._by_oid:
                found.append((self._by_oid[function.gives_rows_of], ""))
        return found

    def _across(self, origin: Table, step: Embed) -> Iterator[Table]:
        """Many to many, through a table with foreign keys to both."""
        for near in self.foreign_keys:
            if near.referenced != origin.oid:
                continue
            for far in self.foreign_keys:
                other = self._by_oid.get(far.referenced)
                if far.table == near.table and far != near and other and other.name == step.name:
                    through = self._by_oid[far.table].name
                    if step.hint in (None, through, near.name, far.name) or step.hint in near.columns + far.columns:
                        yield other

    def has_column(self, table: Table, name: str) -> bool:
        return name in table.columns or self.is_computed(table, name)

    def is_computed(self, table: Table, name: str) -> bool:
        return any(each.name == name and each.of_row == table.oid for each in self.functions)

    def values_of(self, table: Table, column: str) -> tuple[str, ...]:
        """The values of an enum column, empty for any other."""
        found = table.columns.get(column)
        enum = self.enums.get(found.enum) if found and found.enum else None
        return enum.values if enum else ()

    def enum(self, schema: str, name: str) -> tuple[str, ...] | None:
        """The values of an enum type, None when there is no such type."""
        return next((each.values for each in self.enums.values() if (each.schema, each.name) == (schema, name)), None)

    def renamed_table(self, schema: str | None, name: str) -> str | None:
        """What the change calls the table now."""
        old = self.former.table(schema, name) if self.former else None
        new = self._by_oid.get(old.oid) if old else None
        return new.display if new and (new.schema, new.name) != (old.schema, old.name) else None  # type: ignore[union-attr]

    def renamed_column(self, table: Table, name: str) -> str | None:
        """What the change calls the column of the table now."""
        old = self.former._by_oid.get(table.oid) if self.former else None
        if old is None or name not in old.columns:
            return None
        number = old.columns[name].number
        return next((each.name for each in table.columns.values() if each.number == number and each.name != name), None)

    def renamed_function(self, schema: str | None, name: str) -> str | None:
        old = {each.oid for each in self.former.overloads(schema, name)} if self.former else set()
        return next((each.name for each in self.functions if each.oid in old and each.name != name), None)

    def nearest_table(self, schema: str | None, name: str) -> str | None:
        here = schema or "public"
        elsewhere = [table.display for table in self.elsewhere(name) if table.schema != here]
        names = [table.name for table in self.tables if table.schema == here]
        return elsewhere[0] if elsewhere else nearest(name, names)

    def nearest_function(self, schema: str | None, name: str) -> str | None:
        return nearest(name, {each.name for each in self.functions if each.schema == (schema or "public")})

    def tables_with(self, column: str, near: Table) -> tuple[str, ...]:
        """Tables related to `near` that have such a column."""
        related = {key.referenced for key in self.foreign_keys if key.table == near.oid}
        related |= {key.table for key in self.foreign_keys if key.referenced == near.oid}
        found = (self._by_oid[oid] for oid in sorted(related) if oid in self._by_oid and oid != near.oid)
        return tuple(table.display for table in found if column in table.columns and table.schema not in PLATFORM)


# Schemas that the platform brings; what is in them is not what a project's code means by a bare name.
PLATFORM = frozenset(
    "auth storage realtime vault extensions graphql graphql_public supabase_functions supabase_migrations cron net "
    "pgsodium pgbouncer".split()
)


def nearest(name: str, known: Iterable[str]) -> str | None:
    """A name so like the other that it was probably meant."""
    best, score = None, 0.0
    for each in sorted(known):
        likeness = _likeness(_words(name), _words(each)) if each != name else 0.0
        if likeness > score:
            best, score = each, likeness
    return best if score >= _CLOSE else None


_CLOSE = 0.78


def _words(name: str) -> str:
    """`fullName` and `full_name` are the same to people."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def _likeness(name: str, other: str) -> float:
    if name == other:
        return 1.0
    if len(min(name, other, key=len)) >= 4 and (name.endswith(f"_{other}") or other.endswith(f"_{name}")):
        return 0.9
    # What all names of a project begin with says nothing.
    common = next((n for n, (a, b) in enumerate(zip(name, other, strict=False)) if a != b), min(len(name), len(other)))
    shared = name.rfind("_", 0, common) + 1
    return difflib.SequenceMatcher(None, name[shared:], other[shared:]).ratio()


def _leads(key: ForeignKey, other: Table, step: Embed, *, outward: bool) -> bool:
    by_column = len(key.columns) == 1 and key.columns[0]
    if step.hint is None:
        return step.name in (other.name, key.name) or (outward and step.name == by_column)
    if step.name != other.name and not (outward and step.name in (by_column, key.name)):
        return False
    referenced = key.referenced_columns[0] if len(key.referenced_columns) == 1 else None
    return step.hint in (key.name, by_column, referenced) or step.hint == other.name
