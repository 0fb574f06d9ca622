"""A row of every wanted table for each of two users, inserted by the migration role and never by a superuser.

Parents are chosen inside a user's family of rows. Candidates come from the constraints, and the server judges them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pgassay.model.given import NOTHING_GIVEN, Given
from pgassay.postgres.session import Session
from pgassay.proofs.attempts import Attempts
from pgassay.proofs.candidates import Values, checks, judged, passing
from pgassay.proofs.facts import Column, Constraint, Facts, RelationFacts, quoted
from pgassay.proofs.owners import AUTH_USERS, login_columns
from pgassay.proofs.rows import IDS, OURS, RETURNED, USERS, Family, Row, row_of
from pgassay.proofs.values import ordinary, suggested
from pgassay.proofs.variants import Variant

_DEEPEST = 2


def fill(session: Session, facts: Facts, wanted: Iterable[str], given: Given = NOTHING_GIVEN) -> Family:
    """To be called in a transaction; whether anything is committed is up to the caller."""
    filler = Filler(session, facts, given)
    filler.fill_all(wanted)
    return filler.family


def parents_first(tables: list[RelationFacts]) -> list[RelationFacts]:
    """Parents first; in a cycle, whoever can do without its parent for a while."""
    done: list[RelationFacts] = []
    left = list(tables)
    while left:
        waiting = {each.oid for each in left}

        def parents(relation: RelationFacts, required: bool, waiting: set[int] = waiting) -> bool:
            return any(
                key.references in waiting - {relation.oid} and (not required or _is_required(relation, key))
                for key in relation.foreign_keys
            )

        ready = [each for each in left if not parents(each, False)]
        ready = ready or [each for each in left if not parents(each, True)][:1] or left[:1]
        done += ready
        left = [each for each in left if each not in ready]
    return done


def _is_required(relation: RelationFacts, key: Constraint) -> bool:
    return any(relation.by_name[name].required for name in key.columns)


class Filler:
    def __init__(
        self, session: Session, facts: Facts, given: Given = NOTHING_GIVEN, family: Family | None = None
    ) -> None:
        """`family` is what was filled in before."""
        self.attempts = Attempts(session)
        self._facts = facts
        self._given = given
        self.family = family or Family({}, {}, set(), facts.once(login_columns))
        self._postponed: list[tuple[str, RelationFacts, Constraint]] = []

    def add(self, relation: RelationFacts, variant: Variant, depth: int = 0) -> None:
        """One row more, of another kind than those of the family, where one fits."""
        if self.family.of(variant.letter, relation):
            return
        values, missing = self._values(relation, variant.parents, variant)
        row, reason = (None, missing) if missing else self.insert(relation, values)
        if row is None and "duplicate key" in reason and depth < _DEEPEST:
            # Perhaps there is one row at most for each that it refers to.
            parents = {each.references for each in relation.foreign_keys} - {relation.oid, None}
            for oid in parents:
                parent = self._facts.by_oid.get(oid or 0)
                if parent and parent.is_table and not self.family.of(variant.letter, parent):
                    self.add(parent, variant, depth + 1)
            values, _ = self._values(relation, variant.parents, variant)
            row, _ = self.insert(relation, values)
        if row:
            self.family.rows[variant.letter, relation.key] = row

    def fill_all(self, wanted: Iterable[str]) -> None:
        self.family.seed_problem = self.attempts.run(self._given.seed)
        tables = [self._facts.by_key[key] for key in sorted(wanted) if not self._facts.by_key[key].is_partition]
        if users := self._facts.by_key.get(AUTH_USERS):
            self._fill(users, IDS)
            tables = [each for each in tables if each is not users]
        for relation in parents_first(tables):
            self._fill(relation)
        self._close_cycles()

    def _fill(self, relation: RelationFacts, users: Iterable[str] = USERS) -> None:
        for user in users:
            row, reason = self._row(relation, user)
            if row:
                self.family.rows[user, relation.key] = row
            else:
                self.family.reasons.setdefault(relation.key, reason)

    def _close_cycles(self) -> None:
        for user, relation, key in self._postponed:
            row, parent = self.family.of(user, relation), self._parent(user, key)
            if row and parent:
                pairs = zip(key.columns, key.keys, strict=True)
                values = {name: parent.values.get(other) for name, other in pairs}
                self._update(user, relation, row, values)

    def _update(self, user: str, relation: RelationFacts, row: Row, values: Mapping[str, str | None]) -> None:
        sets = ", ".join(f"{quoted(name)} = {_cast(relation.by_name[name])}" for name in values)
        text = f"update {relation.quoted} as t set {sets} where tableoid = %s and ctid = %s::tid returning {RETURNED}"
        found, _ = self.attempts.try_(text, [*values.values(), *row.place])
        if found:
            self.family.rows[user, relation.key] = row_of(found[0])

    def _row(self, relation: RelationFacts, user: str) -> tuple[Row | None, str]:
        values, missing = self._values(relation, user)
        if missing:
            return None, missing
        row, reason = self.insert(relation, values)
        if row is None and (found := self._already_there(relation, values)):
            return found, ""
        if row is None and (apart := self._with_another_parent(relation, user, values)):
            row, reason = self.insert(relation, apart)
        if row is None and relation.triggers:
            quiet, _ = self.attempts.try_(f"alter table {relation.quoted} disable trigger user", [])
            if quiet is not None:
                row, other = self.insert(relation, values)
                if row:
                    self.family.quietened.add(relation.key)
                else:
                    self.attempts.try_(f"alter table {relation.quoted} enable trigger user", [])
                    reason = other
        if row is None and (found := self._anybodys(relation, user)):
            return found, ""
        if row is None and relation.kind == "p" and "no partition" in reason:
            name = f"{quoted(relation.schema)}.{quoted(f'{OURS}{relation.oid}')}"
            for bounds in ("default", "for values with (modulus 1, remainder 0)"):
                self.attempts.try_(f"create table {name} partition of {relation.quoted} {bounds}", [])
            row, reason = self.insert(relation, values)
        return row, reason

    def _anybodys(self, relation: RelationFacts, user: str) -> Row | None:
        """What a migration or the seed has put there, in a table of nobody's."""
        if self.family.logins.get(relation.key):
            return None
        query = f"select {RETURNED} from {relation.quoted} as t order by t.ctid limit 2"
        found, _ = self.attempts.try_(query, [])
        return row_of(found[-1] if user == "b" else found[0]) if found else None

    def _with_another_parent(self, relation: RelationFacts, user: str, values: Values) -> Values | None:
        """Where two columns refer to one table, which may not be to the same row: whom a message goes to."""
        seen: set[int | None] = set()
        changed: Values = {}
        for key in relation.foreign_keys:
            other = self._parent("b" if user == "a" else "a", key)
            if key.references in seen and other:
                changed |= {name: other.values.get(of) for name, of in zip(key.columns, key.keys, strict=True)}
            seen.add(key.references)
        return {**values, **changed} if changed else None

    def insert(self, relation: RelationFacts, values: Values) -> tuple[Row | None, str]:
        """The new row, or why there is none."""
        names = ", ".join(map(quoted, values))
        casts = ", ".join(_cast(relation.by_name[name]) for name in values)
        what = f"({names}) values ({casts})" if values else "default values"
        found, reason = self.attempts.try_(
            f"insert into {relation.quoted} as t {what} returning {RETURNED}", [*values.values()]
        )
        return (row_of(found[0]), "") if found else (None, reason or "a trigger or a rule left the row out")

    def _already_there(self, relation: RelationFacts, values: Values) -> Row | None:
        """What a trigger has made of a parent's row, a profile at sign-up for one."""
        for names in relation.uniques:
            if names and all(values.get(name) is not None for name in names):
                same = " and ".join(f"{quoted(name)} = {_cast(relation.by_name[name])}" for name in names)
                query = f"select {RETURNED} from {relation.quoted} as t where {same}"
                found, _ = self.attempts.try_(query, [values[name] for name in names])
                if found:
                    return row_of(found[0])
        return None

    def _parent(self, user: str, key: Constraint) -> Row | None:
        parent = self._facts.by_oid.get(key.references or 0)
        return self.family.of(user, parent) if parent else None

    def _values(self, relation: RelationFacts, user: str, variant: Variant | None = None) -> tuple[Values, str]:
        """What to insert, and why that cannot be said."""
        if relation.key == AUTH_USERS:
            return _sign_up(relation, user), ""
        fixed: Values = {}
        for key in relation.foreign_keys:
            parent = (variant and self._parent(variant.letter, key)) or self._parent(user, key)
            if variant and variant.alone and not _is_required(relation, key):
                fixed |= dict.fromkeys(key.columns)
            elif parent:
                pairs = zip(key.columns, key.keys, strict=True)
                fixed |= {name: parent.values.get(other) for name, other in pairs if name not in fixed}
            elif all(self._given.value(relation.display, name, user) is not None for name in key.columns):
                continue
            elif _is_required(relation, key) and not any(relation.by_name[name].default for name in key.columns):
                other = self._facts.by_oid.get(key.references or 0)
                return {}, f"it needs a row of `{other.display if other else 'another table'}`"
            else:
                self._postponed.append((user, relation, key))
                fixed |= {
                    name: None for name in key.columns if name not in fixed and not relation.by_name[name].default
                }
        for name in self.family.logins.get(relation.key, ()):
            if fixed.get(name) is None and not (variant and variant.alone):
                fixed[name] = USERS[user]
        letter = variant.letter if variant else user
        said = {each.name: self._given.value(relation.display, each.name, letter) for each in relation.columns}
        fixed |= {name: value for name, value in said.items() if value is not None}
        tests = checks(relation)
        pools: dict[str, list[str | None]] = {}
        for column in relation.columns:
            if column.generated:
                continue
            if said[column.name] is not None:
                pools[column.name] = [said[column.name]]
                continue
            named = [text for names, text in tests if column.name in names]
            if column.name in fixed:
                pools[column.name] = [fixed[column.name]] + [None] * (not column.required and bool(named))
            elif variant and (candidates := variant.candidates(relation, column)):
                pool = self._pool(column, named, variant.letter, relation, candidates)
                pools[column.name] = pool + [None] * (not column.required)
            elif column.required and column.default is None and not column.identity:
                pools[column.name] = self._pool(column, named, user, relation)
            elif named and column.default is None:
                pools[column.name] = [None, *self._pool(column, named, user, relation)]
        return judged(self.attempts, relation, pools), ""

    def _pool(
        self, column: Column, named: list[str], user: str, relation: RelationFacts, first: tuple[str, ...] = ()
    ) -> list[str | None]:
        more = suggested(column, [*named, *column.checks], user) if named or column.checks else ()
        if user == "b" and len(more) > 1 and any(column.name in (names or ()) for names in relation.uniques):
            more = more[1:] + more[:1]
        pool: list[str | None] = list(dict.fromkeys((*first, *ordinary(column, user, relation.key), *more)))
        if column.checks:
            return passing(self.attempts, column, pool)[:1] or pool[:1]
        return pool


def _cast(column: Column) -> str:
    return f"%s::{column.type}"


def _sign_up(relation: RelationFacts, user: str) -> Values:
    values: Values = {
        "instance_id": "00000000-0000-0000-0000-000000000000",
        "id": IDS[user],
        "aud": "authenticated",
        "role": "authenticated",
        "email": f"{user}@example.com",
        "email_confirmed_at": "2025-01-01 12:00+00",
        "created_at": "2025-01-01 12:00+00",
        "updated_at": "2025-01-01 12:00+00",
        "raw_app_meta_data": '{"provider": "email", "providers": ["email"]}',
        "raw_user_meta_data": f'{{"full_name": "{user}", "name": "{user}", "username": "user_{user}"}}',
    }
    return {name: value for name, value in values.items() if name in relation.by_name}
