"""What the catalog says about tables, policies and functions: who may do what with them, and which rows they take."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from pgassay.postgres.look import look
from pgassay.postgres.session import Session

_QUERY = Path(__file__).with_suffix(".sql")

T = TypeVar("T")
Use = tuple[str, int, str, int]


class Column(Struct, frozen=True):
    """`base` is the type under a domain, without its length.

    `required` takes no NULL; `labels` are those of an enum, `checks` those of a domain.
    """

    name: str
    type: str
    base: str
    category: str
    required: bool
    default: str | None
    generated: bool
    identity: bool
    length: int | None
    labels: tuple[str, ...]
    checks: tuple[str, ...]
    acl: str | None


class Constraint(Struct, frozen=True):
    """`kind` as in pg_constraint; `references` is the OID of a foreign key's table, `keys` its columns there."""

    name: str
    kind: str
    definition: str
    references: int | None
    columns: tuple[str, ...]
    keys: tuple[str, ...]
    expression: str | None


class Policy(Struct, frozen=True):
    """`command` as in pg_policy: r, a, w, d, or * for all. `members` are the API's roles in one of `roles`."""

    oid: int
    name: str
    command: str
    permissive: bool
    roles: tuple[str, ...]
    members: tuple[str, ...]
    using: str | None
    check: str | None

    def concerns(self, role: str, command: str) -> bool:
        return self.command in ("*", command) and any(each in ("public", role) for each in (*self.roles, *self.members))

    @property
    def definition(self) -> tuple[object, ...]:
        return self.name, self.command, self.permissive, self.roles, self.using, self.check

    @property
    def text(self) -> str:
        return f"{self.using or ''} {self.check or ''}"


class RelationFacts(Struct, frozen=True, dict=True):
    """`kind` as in pg_class: r and p are tables, v a view, m a materialized view."""

    oid: int
    schema: str
    name: str
    kind: str
    rls: bool
    forced: bool
    owner: str
    is_partition: bool
    acl: str | None
    options: str | None
    view: str | None
    columns: tuple[Column, ...]
    constraints: tuple[Constraint, ...]
    uniques: tuple[tuple[str, ...] | None, ...]
    policies: tuple[Policy, ...]
    triggers: tuple[str, ...]
    is_populated: bool

    @property
    def is_table(self) -> bool:
        return self.kind in ("r", "p")

    @property
    def key(self) -> str:
        return f"{self.schema}.{self.name}"

    @property
    def display(self) -> str:
        return self.name if self.schema == "public" else self.key

    @property
    def quoted(self) -> str:
        return f"{quoted(self.schema)}.{quoted(self.name)}"

    @cached_property
    def by_name(self) -> dict[str, Column]:
        return {column.name: column for column in self.columns}

    @property
    def foreign_keys(self) -> tuple[Constraint, ...]:
        return tuple(each for each in self.constraints if each.kind == "f")

    @property
    def primary_key(self) -> tuple[str, ...]:
        return next((each.columns for each in self.constraints if each.kind == "p"), ())

    @property
    def signature(self) -> tuple[object, ...]:
        """Equal before and after a change that has nothing to say about who may do what here."""
        return (
            *(self.kind, self.rls, self.forced, self.owner, self.acl, self.options, self.view, self.triggers),
            tuple(policy.definition for policy in self.policies),
            self.columns,
            tuple((each.name, each.definition) for each in self.constraints),
        )


class Input(Struct, frozen=True):
    name: str | None
    type: str
    optional: bool


class FunctionFacts(Struct, frozen=True):
    """`callable` is an ordinary function and no trigger. `row_of` is the OID of the relation whose rows it returns,
    `returns_rows` tells of any rows or JSON."""

    oid: int
    schema: str
    name: str
    arguments: str
    definer: bool
    callable: bool
    owner: str
    row_of: int | None
    returns_rows: bool
    inputs: tuple[Input, ...]
    body: str
    rest: str

    @property
    def display(self) -> str:
        return self.key.removeprefix("public.")

    @property
    def key(self) -> str:
        return f"{self.schema}.{self.name}({self.arguments})"


class Facts(Struct, frozen=True, dict=True):
    """`uses` are (kind, OID) of a policy, view or function and of the relation or function that it needs."""

    relations: tuple[RelationFacts, ...]
    functions: tuple[FunctionFacts, ...]
    uses: tuple[Use, ...]
    schemas: dict[str, str | None]
    roles: dict[str, str]

    @cached_property
    def by_key(self) -> dict[str, RelationFacts]:
        return {relation.key: relation for relation in self.relations}

    @cached_property
    def by_oid(self) -> dict[int, RelationFacts]:
        return {relation.oid: relation for relation in self.relations}

    def once(self, work: Callable[[Facts], T]) -> T:
        """What `work` makes of these facts. It is made once, however often it is asked for."""
        if work not in self._worked:
            self._worked[work] = work(self)
        done: T = self._worked[work]
        return done

    @cached_property
    def _worked(self) -> dict[Callable[[Facts], Any], Any]:
        return {}


def read_facts(session: Session) -> Facts:
    ((found,),) = look(session, _QUERY.read_text(encoding="utf-8"))
    document: Any = found
    return msgspec.convert(document, Facts)


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
