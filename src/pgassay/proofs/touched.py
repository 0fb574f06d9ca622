"""Which relations a change concerns, and what else has to have rows for them to show who sees them. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TypeVar

from pgassay.proofs.facts import Facts, RelationFacts

Node = tuple[str, str]
T = TypeVar("T")
_WORD = re.compile(r"\w+")


def needs(facts: Facts) -> Mapping[Node, frozenset[Node]]:
    """What each relation and function rests on: through policies, views, and names in the body of a function."""
    functions = {each.oid: each.key for each in facts.functions}
    policies = {policy.oid: relation.key for relation in facts.relations for policy in relation.policies}
    found: dict[Node, set[Node]] = {}

    def node(kind: str, oid: int) -> Node | None:
        key = functions.get(oid) if kind == "function" else facts.by_oid[oid].key if oid in facts.by_oid else None
        return (kind, key) if key else None

    for kind, oid, needed_kind, needed in facts.uses:
        user = ("relation", policies[oid]) if kind == "policy" and oid in policies else node(kind, oid)
        other = node(needed_kind, needed)
        if user and other and user != other:
            found.setdefault(user, set()).add(other)
    named: dict[str, set[Node]] = {}
    for relation in facts.relations:
        named.setdefault(relation.name, set()).add(("relation", relation.key))
    for function in facts.functions:
        named.setdefault(function.name, set()).add(("function", function.key))
    for function in facts.functions:
        me = ("function", function.key)
        for word in set(_WORD.findall(function.body)) & named.keys():
            found.setdefault(me, set()).update(named[word] - {me})
    return {user: frozenset(others) for user, others in found.items()}


def touched(before: Facts, after: Facts) -> frozenset[str]:
    """Keys of the relations where somebody's access may be another one than before."""
    if before.roles != after.roles:
        return frozenset(relation.key for relation in after.relations)
    earlier = {relation.key: relation.signature for relation in before.relations}
    changed: set[Node] = {
        ("relation", relation.key)
        for relation in after.relations
        if earlier.get(relation.key) != relation.signature
        or before.schemas.get(relation.schema) != after.schemas.get(relation.schema)
    }
    changed |= {("function", key) for key in changed_functions(before, after)}
    changed |= {("relation", key) for key in earlier.keys() - {relation.key for relation in after.relations}}
    left = {each.key for each in after.functions}
    changed |= {("function", each.key) for each in before.functions if each.key not in left}
    users: dict[Node, set[Node]] = {}
    for facts in (before, after):
        for user, others in facts.once(needs).items():
            for other in others:
                users.setdefault(other, set()).add(user)
    reached = _closure(changed, users)
    return frozenset(key for kind, key in reached if kind == "relation" and key in after.by_key)


def changed_functions(before: Facts, after: Facts) -> frozenset[str]:
    """Keys of the functions that are new or not what they were."""
    bodies = {each.key: (each.body, each.rest) for each in before.functions}
    return frozenset(each.key for each in after.functions if bodies.get(each.key) != (each.body, each.rest))


def read_by(facts: Facts, functions: Iterable[str]) -> dict[str, frozenset[str]]:
    """By function, keys of the relations that it reaches, whichever way."""
    below = facts.once(needs)
    reached = {function: _closure({("function", function)}, below) for function in functions}
    return {
        function: frozenset(key for kind, key in found if kind == "relation" and key in facts.by_key)
        for function, found in reached.items()
    }


def tables_to_fill(facts: Facts, wanted: Iterable[str]) -> frozenset[str]:
    """The tables among the wanted relations, those that their policies and views read, and all parents of these."""
    below = facts.once(needs)
    reached = _closure({("relation", key) for key in wanted}, below)
    return with_parents(facts, {key for kind, key in reached if kind == "relation" and key in facts.by_key})


def with_parents(facts: Facts, keys: Iterable[str]) -> frozenset[str]:
    """The tables among these relations, and all that their rows refer to."""
    parents: dict[str, set[str]] = {}
    for relation in facts.relations:
        for constraint in relation.foreign_keys:
            if constraint.references in facts.by_oid:
                parents.setdefault(relation.key, set()).add(facts.by_oid[constraint.references].key)
    return frozenset(key for key in _closure(keys, parents) if facts.by_key[key].is_table)


def with_children(facts: Facts, relations: Iterable[RelationFacts]) -> list[RelationFacts]:
    """And all that a delete in these takes rows or values from."""
    children: dict[str, set[str]] = {}
    for relation in facts.relations:
        for key in relation.foreign_keys:
            if key.references in facts.by_oid and re.search(r"ON DELETE (CASCADE|SET)", key.definition):
                children.setdefault(facts.by_oid[key.references].key, set()).add(relation.key)
    reached = _closure({each.key for each in relations}, children)
    return [each for each in facts.relations if each.key in reached and each.is_table and not each.is_partition]


def _closure(start: Iterable[T], steps: Mapping[T, Iterable[T]]) -> set[T]:
    reached: set[T] = set()
    waiting = list(start)
    while waiting:
        each = waiting.pop()
        if each not in reached:
            reached.add(each)
            waiting += steps.get(each, ())
    return reached
