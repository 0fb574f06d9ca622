"""Whether what the settings expect of roles and tables holds: every expectation tried, whatever the change is about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from pgassay.errors import SettingsError
from pgassay.expectations import no_such_table, place
from pgassay.model import Location, Unchecked
from pgassay.model.access import Broken, Try
from pgassay.model.expectation import Asked, Expectation
from pgassay.postgres.look import try_out
from pgassay.proofs.access.answers import Attempt
from pgassay.proofs.access.crowd import Crowd, gather
from pgassay.proofs.access.personas import A_STRANGER, Persona, signed_in
from pgassay.proofs.access.reach import Prober
from pgassay.proofs.access.side import Side
from pgassay.proofs.facts import Constraint, Facts, RelationFacts
from pgassay.proofs.places import Places
from pgassay.proofs.rows import USERS

_WHERE = "pgassay_where"
_COLUMNS = """
select array(select a.attname::text from pg_attribute a where a.attrelid = o.conrelid and a.attnum = any (o.conkey)),
       pg_get_expr(o.conbin, o.conrelid)
from pg_constraint o where o.conrelid = %s::oid and o.conname = 'pgassay_where'
"""


class Question(Struct, frozen=True):
    """One action of one expectation on one table."""

    expectation: Expectation
    relation: RelationFacts
    action: str
    can: bool


class Result(Struct, frozen=True):
    """`holds` is None, with a reason, where it could not be tried."""

    holds: bool | None
    why: str = ""
    seen: Try | None = None
    error: str | None = None


class Expectations:
    """Of the settings, on the databases before and after the change."""

    def __init__(self, asked: Asked, exposed: frozenset[str], before: Side, after: Side, *, is_whole: bool) -> None:
        """`is_whole` tells that all files have run, so that a table that is not there is a mistake in the settings."""
        self._asked = asked
        self._exposed = exposed
        self._before = before
        self._after = after
        self._is_whole = is_whole
        self.unchecked: list[Unchecked] = []

    def broken(self, places: Places) -> Iterator[Broken]:
        """Raises SettingsError for a table or a condition that cannot be."""
        questions = [each for expectation in self._asked.expectations for each in self._questions(expectation)]
        results = self._tried(self._after, questions)
        broken = [(each, result) for each, result in zip(questions, results, strict=True) if result.holds is False]
        for each, result in zip(questions, results, strict=True):
            if result.holds is None:
                self._leave(each.expectation, each.relation.display, each.action, result.why)
        former = [(self._as_it_was(each), each, result) for each, result in broken]
        there = [old for old, _, _ in former if old]
        was = dict(zip(map(id, there), self._tried(self._before, there, quietly=True), strict=True))
        new = [(each, result) for old, each, result in former if old is None or was[id(old)].holds is not False]
        self._tell_of_old_ones(len(former) - len(new))
        yield from self._together(new, places)

    def _questions(self, expectation: Expectation) -> Iterator[Question]:
        for name in expectation.tables:
            relation = self._find(name, self._after.facts)
            if relation:
                yield from (Question(expectation, relation, action, can) for action, can in expectation.asked)
            elif self._is_whole and not self._find(name, self._before.facts):
                known = [each.display for each in self._after.facts.relations if each.schema in self._exposed]
                raise no_such_table(expectation, name, known, self._asked.source)
            else:
                for action, _ in expectation.asked:
                    self._leave(expectation, name, action, "the table is not there")

    def _find(self, name: str, facts: Facts) -> RelationFacts | None:
        keys = [name] if "." in name else [f"{schema}.{name}" for schema in sorted(self._exposed, key="public".__ne__)]
        return next((facts.by_key[key] for key in keys if key in facts.by_key), None)

    def _as_it_was(self, question: Question) -> Question | None:
        relation = self._before.facts.by_key.get(question.relation.key)
        return replace(question, relation=relation) if relation else None

    def _tried(self, side: Side, questions: Sequence[Question], *, quietly: bool = False) -> list[Result]:
        """With a condition on the rows, each by itself: the rows have to fit it."""
        results: dict[int, Result] = {}
        plain = [n for n, each in enumerate(questions) if each.expectation.where is None]
        groups: dict[tuple[str, str], list[int]] = {}
        for n, each in enumerate(questions):
            if each.expectation.where is not None:
                groups.setdefault((each.relation.key, each.expectation.where), []).append(n)
        for numbers in ([plain] if plain else []) + list(groups.values()):
            found = self._in_one(side, [questions[n] for n in numbers], quietly=quietly)
            results |= dict(zip(numbers, found, strict=True))
        return [results[n] for n in range(len(questions))]

    def _in_one(self, side: Side, questions: list[Question], *, quietly: bool) -> list[Result]:
        first = questions[0]
        with side.in_transaction():
            facts, where = side.facts, first.expectation.where
            if where is not None and first.relation.is_table:
                facts = self._narrowed(side, first, quietly=quietly)
            keys = [each.relation.key for each in questions]
            crowd = gather(side.session, facts, keys, self._asked.personas, side.given)
            prober = Prober(side.session, facts, crowd.family, side.search_path)
            prober.prepare([facts.by_key[key] for key in dict.fromkeys(keys)])
            return [self._result(prober, crowd, facts.by_key[each.relation.key], each) for each in questions]

    def _narrowed(self, side: Side, question: Question, *, quietly: bool) -> Facts:
        """As if the condition were a constraint, so that the rows which are made fit it."""
        relation, where = question.relation, question.expectation.where
        alter = f"alter table {relation.quoted} add constraint {_WHERE} check ({where}\n) not valid"
        found = try_out(side.session, alter, _COLUMNS, (relation.oid,))
        if found is None:
            error = side.session.run(f"savepoint pgassay_where; select from {relation.quoted} where ({where}\n)").error
            side.session.run("rollback to savepoint pgassay_where")
            if error and not quietly:
                at = place(question.expectation, self._asked.source)
                raise SettingsError(f'{at}: [[expect]] where = "{where}": {error.message}; correct the condition.')
            return side.facts
        ((columns, expression),) = found
        constraint = Constraint(_WHERE, "c", "", None, tuple(columns), (), expression)
        # A default would decide what the condition is to decide.
        free = tuple(
            replace(each, default=None) if each.name in columns and not each.identity and not each.generated else each
            for each in relation.columns
        )
        fitted = replace(relation, columns=free, constraints=(*relation.constraints, constraint))
        relations = tuple(fitted if each is relation else each for each in side.facts.relations)
        return replace(side.facts, relations=relations)

    def _result(self, prober: Prober, crowd: Crowd, relation: RelationFacts, question: Question) -> Result:
        expectation = question.expectation
        persona = crowd.persona(expectation.role)
        if persona is None and expectation.role in crowd.missing:
            return Result(None, crowd.missing[expectation.role])
        if not relation.is_table:
            if expectation.where or expectation.rows or persona:
                return Result(None, "of a view only the roles themselves are tried, without `where` and `rows`")
            return _of_reach(prober, relation, question)
        owners = [
            user
            for user in USERS
            if (row := crowd.family.of(user, relation))
            and (expectation.where is None or prober.fits(relation, row, expectation.where))
        ]
        if not owners:
            reason = crowd.family.reasons.get(relation.key, f"no row could be made where {expectation.where}")
            return Result(None, reason)
        tries = list(_tries(expectation, persona or Persona(expectation.role), owners, crowd, relation))
        attempts = prober.attempts(relation, question.action, tries)
        return _judged(prober, relation, question, tries, attempts)

    def _leave(self, expectation: Expectation, table: str, action: str, why: str) -> None:
        where = place(expectation, self._asked.source)
        self.unchecked.append(Unchecked(f"whether {expectation.role} may {action} rows of `{table}` ({where})", why))

    def _tell_of_old_ones(self, number: int) -> None:
        if number:
            what = (
                f"{number} expectation{'s' * (number > 1)} of the settings that did not hold before the change either"
            )
            why, step = "a change answers for what it adds or breaks", "pgassay check --all lists them"
            self.unchecked.append(Unchecked(what, why, step))

    def _together(self, broken: Iterable[tuple[Question, Result]], places: Places) -> Iterator[Broken]:
        """One for all actions that an expectation names for a table."""
        groups: dict[tuple[Expectation, str, bool], list[tuple[Question, Result]]] = {}
        for each, result in broken:
            groups.setdefault((each.expectation, each.relation.key, each.can), []).append((each, result))
        for (expectation, _, can), members in groups.items():
            question, result = members[0]
            assert result.seen
            path = self._asked.source.partition(" on ")[0]
            yield Broken(
                expectation.role,
                question.relation.display,
                can,
                tuple(each.action for each, _ in members),
                expectation.where,
                expectation.rows,
                result.seen,
                next((each.error for _, each in members if each.error), None),
                places.of_relation(question.relation),
                Location(path, expectation.line, expectation.line) if expectation.line else None,
            )


def _tries(
    expectation: Expectation, who: Persona, owners: list[str], crowd: Crowd, relation: RelationFacts
) -> Iterator[tuple[Persona, str]]:
    if expectation.role != "authenticated":
        yield from ((who, owner) for owner in owners)
        return
    if expectation.rows != "others":
        yield from ((signed_in(owner), owner) for owner in owners)
    if expectation.rows != "own":
        yield from ((A_STRANGER, owner) for owner in owners)
    if expectation.rows == "others":
        yield from (
            (signed_in(other), owner)
            for owner in owners
            for other in USERS
            if other != owner and not crowd.family.shares(relation, owner, other)
        )


def _judged(
    prober: Prober,
    relation: RelationFacts,
    question: Question,
    tries: Sequence[tuple[Persona, str]],
    attempts: Sequence[Attempt],
) -> Result:
    if undecided := next((each for each in attempts if each.reached is None), None):
        return Result(None, undecided.why)
    wrong = [n for n, each in enumerate(attempts) if each.reached is not question.can]
    guilty = wrong[0] if wrong else 0
    by = tries[guilty][0]
    mine = [each for (persona, _), each in zip(tries, attempts, strict=True) if persona == by]
    seen = prober.told(relation, question.action, by, sum(bool(each.reached) for each in mine), len(mine))
    return Result(not wrong, "", seen, attempts[guilty].why if wrong and question.can else None)


def _of_reach(prober: Prober, relation: RelationFacts, question: Question) -> Result:
    found = prober.reach(relation, question.expectation.role, question.action)
    if found.reach.rank is None and not found.error:
        return Result(None, "its rows could not be told apart")
    rank = found.reach.rank or 0
    holds = rank == 2 if question.can else rank == 0
    who = A_STRANGER if question.expectation.role == "authenticated" else Persona(question.expectation.role)
    seen = found.seen or prober.told(relation, question.action, who, 0, 0)
    return Result(holds, "", seen, found.error.message if found.error else None)
