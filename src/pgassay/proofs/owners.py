"""Which columns say whose a row is: those that lead to auth.users, or that somebody compares with auth.uid(). Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from pgassay.proofs.facts import Column, Facts, RelationFacts
from pgassay.proofs.touched import needs

AUTH_USERS = "auth.users"
_NEAR, _MOST_CALLS = 200, 500
_NAME = r'(?:"(?P<{0}>[^"]+)"|(?P<{0}2>\w+))'
_COLUMN = r'(?:(?:"[^"]+"|\w+)\.)?' + _NAME
_UID = r"\(*\s*(?:select\s+)?\(*auth\.uid\(\)"
_COMPARED = re.compile(
    rf"{_COLUMN.format('left')}\s*(?:\)\s*)?=\s*{_UID}|{_UID}(?:\s+as\s+uid)?\s*\)*(?:::text)?\s*\)*\s*=\s*\(*"
    rf"{_COLUMN.format('right')}",
    re.I,
)
_PERSON = re.compile(
    r"(auth_|supabase_)?(user|owner|author|profile|account|creator|member|customer)_?(id|uid|uuid)|auth_id|created_by",
    re.I,
)
_LOGIN = re.compile(r"(auth|supabase)_?(user)?_?u?u?id|user_?id", re.I)


def compared_with_uid(text: str) -> frozenset[str]:
    """Names of columns that an expression or a function body sets equal to auth.uid()."""
    return frozenset(
        next(name for name in found.groupdict().values() if name)
        for near in _around_uid(text)
        for found in _COMPARED.finditer(near)
    )


def _around_uid(text: str) -> Iterator[str]:
    """A body may have megabytes, and what is compared stands beside the call."""
    for call in islice(re.finditer(r"auth\.uid\(\)", text, re.I), _MOST_CALLS):
        yield text[max(0, call.start() - _NEAR) : call.end() + _NEAR]


def login_columns(facts: Facts) -> Mapping[str, frozenset[str]]:
    """By relation, the columns that hold the id of a signed-in user.

    A foreign key is followed wherever it leads, whatever policies compare it with: that shows who compares the wrong
    one. Only a column without one may be known by its default, its name, or by what policies and functions compare.
    """
    compared = _compared(facts)
    found: dict[str, set[str]] = {}
    for relation in facts.relations:
        if not relation.is_table or relation.key == AUTH_USERS:
            continue
        keyed = set(_by_key(facts, relation))
        free = [each for each in relation.columns if _is_free(relation, each)]
        named = {
            each.name
            for each in free
            if "auth.uid()" in (each.default or "") or (each.base == "uuid" and _PERSON.fullmatch(each.name))
        }
        asked = {each.name for each in free if relation.key in compared.get(each.name, ())}
        if login_beside_key(relation, keyed | named):
            # A key of the application's own, with the login beside it.
            asked.discard("id")
        found[relation.key] = keyed | named | asked
    _along_keys(facts, found)
    _by_convention(facts, compared, found)
    _along_keys(facts, found)
    return {key: frozenset(names) for key, names in found.items() if names}


def login_beside_key(relation: RelationFacts, names: Iterable[str]) -> str | None:
    """Of the columns that hold users, the one that says who the row itself is, not who invited him."""
    for name in sorted(names):
        column = relation.by_name[name]
        if name not in relation.primary_key and (
            _LOGIN.fullmatch(name) or column.required or (name,) in relation.uniques
        ):
            return name
    return None


def _compared(facts: Facts) -> Mapping[str, set[str]]:
    """By column name, the relations that it may belong to: that of the policy, and what policy or function read."""
    below = facts.once(needs)
    found: dict[str, set[str]] = {}
    for relation in facts.relations:
        near = {relation.key, *(key for kind, key in below.get(("relation", relation.key), ()) if kind == "relation")}
        for policy in relation.policies:
            for name in compared_with_uid(policy.text):
                found.setdefault(name, set()).update(near)
    for function in facts.functions:
        near = {key for kind, key in below.get(("function", function.key), ()) if kind == "relation"}
        for name in compared_with_uid(function.body):
            found.setdefault(name, set()).update(near)
    return found


def _by_key(facts: Facts, relation: RelationFacts) -> Iterator[str]:
    users = facts.by_key.get(AUTH_USERS)
    for constraint in relation.foreign_keys:
        if users and constraint.references == users.oid and constraint.keys == ("id",):
            yield constraint.columns[0]


def _is_free(relation: RelationFacts, column: Column) -> bool:
    keyed = any(column.name in constraint.columns for constraint in relation.foreign_keys)
    return not keyed and not column.generated and column.base in ("uuid", "text", "character varying")


def _along_keys(facts: Facts, found: dict[str, set[str]]) -> None:
    """A foreign key to a column that holds a user holds him as well: `author_id` of a post, through `profiles.id`."""
    before = -1
    while before != sum(map(len, found.values())):
        before = sum(map(len, found.values()))
        for relation in facts.relations:
            for constraint in relation.foreign_keys:
                parent = facts.by_oid.get(constraint.references or 0)
                if parent and len(constraint.keys) == 1 and constraint.keys[0] in found.get(parent.key, ()):
                    found.setdefault(relation.key, set()).add(constraint.columns[0])


def _by_convention(facts: Facts, compared: Mapping[str, set[str]], found: dict[str, set[str]]) -> None:
    """A table of people whose rows name no login has it for a key, when a column that leads there is compared."""
    for relation in facts.relations:
        for constraint in relation.foreign_keys:
            parent = facts.by_oid.get(constraint.references or 0)
            if (
                parent
                and len(constraint.columns) == 1
                and relation.key in compared.get(constraint.columns[0], ())
                and not login_beside_key(parent, found.get(parent.key, ()))
                and parent.by_name[constraint.keys[0]].base == "uuid"
                and _is_free(parent, parent.by_name[constraint.keys[0]])
            ):
                found.setdefault(parent.key, set()).add(constraint.keys[0])
