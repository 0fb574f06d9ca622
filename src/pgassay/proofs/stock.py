"""The database before the change, with rows in the tables that the change touches."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from msgspec import Struct

from pgassay.model import Statement, Step, Unchecked
from pgassay.proofs.facts import Facts, RelationFacts, read_facts
from pgassay.proofs.fill import Filler, parents_first
from pgassay.proofs.hints import hints
from pgassay.proofs.meets import meets_rows
from pgassay.proofs.rows import GIVE_VALUES
from pgassay.proofs.touched import with_children, with_parents
from pgassay.proofs.variants import COMPLETE, HURTING, meant
from pgassay.replay.ground import Ground

_PLAIN = "pgassay_stock"
_RICH = "pgassay_rich_stock"
_SECONDS = 5.0
FOREIGN = frozenset(
    "auth storage realtime vault extensions graphql graphql_public net cron pgmq pgsodium supabase_migrations "
    "supabase_functions".split()
)
"""Schemas whose rows are not the project's."""


class Stock(Struct, frozen=True):
    """Two templates to which nobody is connected: `plain` has ordinary rows, `rich` also such as may exist and hurt.

    `tables` are those that the change touches, with their facts as they are before it.
    """

    plain: str
    rich: str
    facts: Facts
    tables: tuple[RelationFacts, ...]
    unchecked: tuple[Unchecked, ...] = ()


@contextmanager
def stocked(ground: Ground) -> Iterator[Stock | None]:
    """None when the change meets no table that was there before. Raises CannotCheck when the server dies."""
    oids, dropped = _met(ground.steps)
    if not oids and not dropped:
        yield None
        return
    with ground.bench.clone(_PLAIN, ground.before):
        with ground.bench.server.connect(_PLAIN) as session:
            session.allow(_SECONDS)
            facts = read_facts(session)
            met = [
                each
                for each in facts.relations
                if (each.oid in oids or each.display in dropped) and each.is_table and not each.is_partition
            ]
            if any(_may_delete(step.statement) for step in ground.steps):
                met = with_children(facts, met)
            tables = parents_first([each for each in met if each.schema not in FOREIGN])
            if not tables:
                yield None
                return
            session.run("begin; set local statement_timeout = 0; set local lock_timeout = 0")
            filler = Filler(session, facts, ground.plan.given)
            filler.fill_all(with_parents(facts, [each.key for each in tables]))
            looked_for = hints(step.statement for step in ground.steps if step.error is None)
            for variant in (COMPLETE, meant(looked_for)) if looked_for else (COMPLETE,):
                for table in tables:
                    filler.add(table, variant)
            for key in filler.family.quietened:
                session.run(f"alter table {facts.by_key[key].quoted} enable trigger user")
            refused = session.run("commit").error
        family = filler.family
        reasons = dict.fromkeys(facts.by_key, refused.message) if refused else family.reasons
        with ground.bench.clone(_RICH, _PLAIN):
            if not refused:
                with ground.bench.server.connect(_RICH) as session:
                    session.allow(_SECONDS)
                    session.run("begin; set local statement_timeout = 0; set local lock_timeout = 0")
                    more = Filler(session, facts, ground.plan.given, family)
                    quiet = [each.quoted for each in tables if each.key in family.quietened]
                    for name in quiet:
                        session.run(f"alter table {name} disable trigger user")
                    for variant in HURTING:
                        for table in tables:
                            more.add(table, variant)
                    for name in quiet:
                        session.run(f"alter table {name} enable trigger user")
                    session.run("commit")
            notes = list(_unfilled(tables, reasons))
            if family.seed_problem:
                notes.append(Unchecked("a part of the seed", family.seed_problem))
            yield Stock(_PLAIN, _RICH, facts, tuple(tables), tuple(notes))


def _unfilled(tables: Iterable[RelationFacts], reasons: dict[str, str]) -> Iterator[Unchecked]:
    """One entry for all tables without rows, with the reason of the first."""
    empty = [each for each in tables if each.key in reasons]
    if empty:
        names = ", ".join(f"`{each.display}`" for each in empty[:3])
        more = f" and {len(empty) - 3} more" * (len(empty) > 3)
        why = f"no row could be made to fit: {reasons[empty[0].key]}"
        yield Unchecked(f"what the change does to rows of {names}{more}", why, GIVE_VALUES)


def _names(statement: Statement, table: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(table.rpartition('.')[2])}(?!\w)", statement.text) is not None


def _may_delete(statement: Statement) -> bool:
    return meets_rows(statement) and re.search(r"\bdelete\s+from\b", statement.text, re.I) is not None


def _met(steps: Iterable[Step]) -> tuple[frozenset[int], frozenset[str]]:
    """OIDs of the tables, and names of those that were dropped."""
    oids: set[int] = set()
    dropped: set[str] = set()
    for step in steps:
        # What is made again may be empty, by the change or by its way back.
        empties = any(
            each.kind == "table column" and (each.restored or step.migration.way_back) for each in step.dropped
        )
        if step.error is None and (empties or meets_rows(step.statement)):
            # What an earlier statement of the transaction has locked is not locked anew.
            again = (lock for lock in step.held if _names(step.statement, lock.relation.name))
            tables = (lock.relation for lock in (*step.locks, *again) if lock.relation.kind == "table")
            oids.update(table.oid for table in tables if table.rows != 0)
            dropped.update(each.name.replace('"', "") for each in step.dropped if each.kind == "table")
    return frozenset(oids), frozenset(dropped)
