"""What lies behind what was seen: which policy lets somebody through, and which one lets nobody."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from pgassay.model import Location
from pgassay.model.access import Blind, Cell, Handover, Lockout, Reach
from pgassay.proofs.access import reproduction, views
from pgassay.proofs.access.answers import Reached
from pgassay.proofs.access.personal import personal
from pgassay.proofs.access.personas import ROLES, signed_in
from pgassay.proofs.access.reach import ACTIONS, Prober
from pgassay.proofs.access.reproduction import pasted
from pgassay.proofs.facts import Constraint, Facts, Policy, RelationFacts, quoted
from pgassay.proofs.owners import AUTH_USERS, compared_with_uid, login_beside_key
from pgassay.proofs.places import Places
from pgassay.proofs.rows import USERS, Family

_SIGNED_IN = r"auth\.(?:role\(\)(?: as role\))? = 'authenticated'(?:::text)?|uid\(\)(?: as uid\))? is not null)"
_ALWAYS_TRUE = re.compile(rf"true|\(?1 = 1\)?|\(*(?: ?select )?{_SIGNED_IN}\)*", re.I)
_OR = re.compile(r"\bor\b", re.I)
_WRITES = ("update", "delete")
_SELF = ("authenticated", "public")


Cells = Mapping[tuple[str, str, str], Reached]
"""By key of the relation, role or persona, and action."""


class Concerns:
    def __init__(self, prober: Prober, facts: Facts, family: Family, places: Places) -> None:
        self._prober = prober
        self._facts = facts
        self._family = family
        self.places = places

    def owners(self, relation: RelationFacts) -> tuple[str, ...]:
        return tuple(sorted(self._family.logins.get(relation.key, ())))

    def personal(self, relation: RelationFacts) -> tuple[str, ...]:
        return personal(column.name for column in relation.columns)

    def cell(self, relation: RelationFacts, role: str, action: str, before: Reached | None, now: Reached) -> Cell:
        error = now.error
        policies: tuple[Policy, ...] = ()
        at = None
        was = before.reach if before else None
        if was is not now.reach and role not in ROLES:
            at = self.places.of_relation(relation)
        elif was is not now.reach:
            at = self.places.of_relation(relation)
            if now.reach.reaches_others and relation.rls and role != "service_role" and relation.is_table:
                policies = self._open(relation, role, action, now.reach)
                if policies:
                    at = self.places.of_policy(relation, policies[-1].name)
            elif now.reach is Reach.ERROR and relation.is_table:
                at = self._failing(relation, role, action) or at
        names = tuple(policy.name for policy in policies)
        return Cell(
            role,
            action,
            was,
            now.reach,
            error.message if error else None,
            error.sqlstate if error else None,
            names,
            any(_is_always_true(policy, action) for policy in policies),
            tuple(name for name in self._own_rows_only(relation, action) if name not in names),
            at,
            now.seen,
            self._is_said(relation, role, action, was, now.reach),
        )

    def guarded(self, relation: RelationFacts) -> tuple[str, ...]:
        """The tables below a view that have row level security on, and let nobody write whom they do not know."""
        if relation.is_table:
            return ()
        below = list(views.below(self._prober, relation))
        self._prober.prepare(below)
        found = [
            table.display
            for table in below
            if table.rls
            and not any(self._prober.reach(table, "anon", action).reach.reaches_others for action in _WRITES)
        ]
        return tuple(dict.fromkeys(found))

    def blind(self, relation: RelationFacts, before: Cells, now: Cells) -> Iterator[Blind]:
        for role in ("anon", "authenticated"):
            for action in ("update", "delete"):
                key = relation.key, role, action
                was, found = before.get(key), now.get(key)
                if found and found.blind and not found.reach.reaches_others and not (was and was.blind):
                    new = [
                        each for each in self._candidates(relation, role, action) if self.places.is_new(relation, each)
                    ]
                    at = self.places.of_policy(relation, new[-1].name) if new else self.places.of_relation(relation)
                    names = tuple(each.name for each in new if not self._compares(relation, each))
                    yield Blind(role, action, names, found.blind, at)

    def _is_said(self, relation: RelationFacts, role: str, action: str, before: Reach | None, now: Reach) -> bool:
        """Whoever reads the change sees it: a policy that is true for everybody, or names a role that had no way in.

        That less is reached is said by any other policy.
        """
        if before and (before.rank or 0) > (now.rank or 0):
            return self.places.rewrites(relation, ACTIONS[action])
        if before is Reach.NO_GRANT and self.places.grants(relation, role):
            return True
        return any(
            self.places.is_new(relation, policy)
            and (_is_always_true(policy, action) or (role in policy.roles and not (before and before.rank)))
            for policy in self._candidates(relation, role, action)
        )

    def _open(self, relation: RelationFacts, role: str, action: str, reach: Reach) -> tuple[Policy, ...]:
        """The policies that let others through: with each of them gone, less is reached. The change's own ones last."""
        candidates = self._candidates(relation, role, action)
        guilty = []
        for policy in candidates:
            drop = f"drop policy {quoted(policy.name)} on {relation.quoted}"
            with self._prober.without(drop) as attempt:
                if attempt.done and self._prober.reach(relation, role, action).reach is not reach:
                    guilty.append(policy)
        if not guilty:
            # Each of several is enough.
            guilty = [each for each in candidates if not self._compares(relation, each)]
        guilty.sort(key=lambda policy: self.places.is_new(relation, policy))
        return tuple(guilty)

    def _failing(self, relation: RelationFacts, role: str, action: str) -> Location | None:
        """The policy of the change without which there is no error."""
        for policy in self._candidates(relation, role, action):
            drop = f"drop policy {quoted(policy.name)} on {relation.quoted}"
            if self.places.is_new(relation, policy):
                with self._prober.without(drop) as attempt:
                    if attempt.done and self._prober.reach(relation, role, action).reach is not Reach.ERROR:
                        return self.places.of_policy(relation, policy.name)
        return None

    def _candidates(self, relation: RelationFacts, role: str, action: str) -> list[Policy]:
        command = ACTIONS[action]
        return [each for each in relation.policies if each.permissive and each.concerns(role, command)]

    def _own_rows_only(self, relation: RelationFacts, action: str) -> Iterator[str]:
        """Policies made for this one action that ask whose row it is, and leave no way around that."""
        for policy in relation.policies:
            only_own = self._compares(relation, policy) and not _OR.search(policy.text)
            if policy.command == ACTIONS[action] and policy.permissive and only_own:
                yield policy.name

    def _compares(self, relation: RelationFacts, policy: Policy) -> bool:
        return any(name in relation.by_name for name in compared_with_uid(policy.text))

    def lockouts(self, relation: RelationFacts) -> Iterator[Lockout]:
        """Policies of the change that show nobody his rows, and would if the column held what auth.uid() gives."""
        if not relation.rls or not relation.is_table:
            return
        if self._prober.reach(relation, "authenticated", "select").reach is not Reach.NO_ROWS:
            return
        for policy in relation.policies:
            if policy.command not in ("r", "*") or not policy.permissive or not self.places.is_new(relation, policy):
                continue
            if not any(policy.concerns(role, "r") for role in _SELF):
                continue
            for name in sorted(compared_with_uid(policy.using or "")):
                for key in relation.foreign_keys:
                    if key.columns == (name,) and (lockout := self._lockout(relation, policy, key)):
                        yield lockout

    def _lockout(self, relation: RelationFacts, policy: Policy, key: Constraint) -> Lockout | None:
        parent = self._facts.by_oid.get(key.references or 0)
        if parent is None or parent.key == AUTH_USERS:
            return None
        login = login_beside_key(parent, self.owners(parent))
        if login is None:
            return None
        (column,) = key.columns
        for user, uid in USERS.items():
            row, person = self._family.of(user, relation), self._family.of(user, parent)
            if not row or not person or person.values.get(key.keys[0]) == uid:
                return None
            drop = f"alter table {relation.quoted} drop constraint {quoted(key.name)}"
            name, value = quoted(column), row.values[column]
            change = f"update {relation.quoted} set {name} = '{uid}' where {name} = '{value}'"
            with self._prober.without(f"{drop}; {change}") as attempt:
                if not attempt.done or not self._prober.sees(relation, signed_in(user), column, uid):
                    return None
        at = self.places.of_policy(relation, policy.name)
        sql = pasted(signed_in("a"), reproduction.statement(relation, "select", ()))
        return Lockout(policy.name, column, parent.display, key.keys[0], login, at, sql)

    def handover(self, relation: RelationFacts) -> Handover | None:
        """A user writes another one's id into his own row, where nobody may write the rows of others."""
        if not relation.rls:
            return None
        policies = [
            policy
            for policy in self._candidates(relation, "authenticated", "update")
            if policy.check is not None
            and not _ALWAYS_TRUE.fullmatch(policy.check)
            and self._compares_using(relation, policy)
        ]
        if not any(self.places.is_new(relation, policy) for policy in policies):
            return None
        # Whose the row is, as these policies have it; a key says what it is besides.
        compared = frozenset[str]().union(*(compared_with_uid(policy.using or "") for policy in policies))
        owners = [name for name in self.owners(relation) if name in compared]
        if not owners or set(owners) & set(relation.primary_key):
            return None
        if self._prober.reach(relation, "authenticated", "update").reach is not Reach.OWN_ROWS:
            return None
        for user, other in (("a", "b"), ("b", "a")):
            row = self._family.of(user, relation)
            if not row:
                return None
            given = dict.fromkeys(owners, USERS[other])
            if not self._prober.change(relation, signed_in(user), row, given):
                return None
        names = tuple(policy.name for policy in policies if self.places.is_new(relation, policy))
        sql = pasted(signed_in("a"), reproduction.given_away(relation, owners, USERS["b"]))
        return Handover(tuple(owners), names, self.places.of_policy(relation, names[-1]), sql)

    def _compares_using(self, relation: RelationFacts, policy: Policy) -> bool:
        return any(name in relation.by_name for name in compared_with_uid(policy.using or ""))


def _is_always_true(policy: Policy, action: str) -> bool:
    condition = policy.check or policy.using if action == "insert" else policy.using
    return _ALWAYS_TRUE.fullmatch(condition or "") is not None
