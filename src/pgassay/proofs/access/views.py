"""Views: their rows have no place of their own, so what is in them decides, and what becomes of the rows below."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from pgassay.model.access import Reach
from pgassay.proofs.access import statements
from pgassay.proofs.access.answers import Reached, is_error, reached
from pgassay.proofs.access.personas import A_STRANGER, NOBODY, Persona, signed_in
from pgassay.proofs.access.probe import Asking, Probe
from pgassay.proofs.facts import RelationFacts
from pgassay.proofs.rows import USERS

if TYPE_CHECKING:
    from pgassay.proofs.access.reach import Prober


def of_view(prober: Prober, relation: RelationFacts, people: list[Persona]) -> Asking[Reached]:
    """By what is in it: the rows of a view have no place of their own."""
    if not relation.is_populated:
        return Reached(Reach.UNDECIDED)
    sql = statements.select_document(relation)
    answers = yield [Probe(each, relation.schema, sql, reads=True) for each in (*people, NOBODY)]
    if error := next((answer.error for answer in answers[:-1] if answer.error), None):
        return Reached(Reach.ERROR, error)
    found = [Counter(map(json.dumps, json.loads(answer.document or "[]"))) for answer in answers]
    whole: Counter[str] = Counter()
    for each in found:
        whole |= each
    *mine, last = found[:-1]
    if not whole:
        return Reached(Reach.UNDECIDED)
    seen = prober.told(relation, "select", people[-1], last.total(), whole.total())
    if last == whole:
        return Reached(Reach.ALL_ROWS, None, seen)
    if not any(found[:-1]):
        return Reached(Reach.NO_ROWS, None, seen)
    is_own = bool(mine) and all(mine) and not mine[0] & mine[1] and not last
    return Reached(Reach.OWN_ROWS if is_own else Reach.SOME_ROWS, None, seen)


def through_view(prober: Prober, relation: RelationFacts, action: str, who: Persona) -> Asking[Reached]:
    """What becomes of the rows below, when a view is written that can be."""
    tables = list(below(prober, relation))
    rows = [(table, row) for table in tables for user in USERS if (row := prober.family.of(user, table))]
    mine = [(table, row) for table in tables if (row := prober.family.of("a", table))]
    writable = prober.writable(relation, who.role, action)
    sql = statements.through_view(relation, action, *mine[0], writable) if mine else None
    if sql is None:
        return Reached(Reach.UNDECIDED)
    check = None if action == "insert" else statements.still_there(rows)
    probes = [Probe(who, relation.schema, sql, check)]
    if who == A_STRANGER:
        own = None if action == "insert" else statements.still_there(mine)
        probes.append(Probe(signed_in("a"), relation.schema, sql, own))
    answers = yield probes
    if error := next((answer.error for answer in answers if is_error(answer)), None):
        return Reached(Reach.ERROR, error)
    counts = [len(rows), len(mine)][: len(probes)]
    if action == "insert":
        by = [reached(answer) for answer in answers]
        if None in by:
            return Reached(Reach.UNDECIDED)
        others, own_too = by[0], by[-1]
        number = int(bool(others))
    else:
        if any(answer.number is None for answer in answers):
            return Reached(Reach.UNDECIDED)
        gone = [count - (answer.number or 0) for count, answer in zip(counts, answers, strict=True)]
        number, own_too = gone[0], gone[-1] > 0
        others = number > 0
    seen = prober.told(relation, action, who, number, 1 if action == "insert" else len(rows))
    if others:
        return Reached(Reach.ALL_ROWS if action == "insert" or number == len(rows) else Reach.SOME_ROWS, None, seen)
    return Reached(Reach.OWN_ROWS if own_too else Reach.NO_ROWS, None, seen)


def below(prober: Prober, relation: RelationFacts) -> Iterator[RelationFacts]:
    """The tables that a view shows, through other views too."""
    for kind, key in sorted(prober.needs.get(("relation", relation.key), ())):
        if kind == "relation" and key in prober.facts.by_key:
            other = prober.facts.by_key[key]
            yield from [other] if other.is_table else below(prober, other)
