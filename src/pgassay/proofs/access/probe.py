"""Many statements as many people in one message, each of them undone, and what the server said to each."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterable, Iterator, Sequence
from secrets import token_hex
from typing import Any, TypeVar

from msgspec import Struct

from pgassay.model import ServerError
from pgassay.postgres.session import QueryRefused, Session
from pgassay.proofs.access.personas import Persona
from pgassay.proofs.facts import quoted

T = TypeVar("T")

_MANY = 200
_SECONDS, _SECONDS_ALONE = 5.0, 1.0
# So many may take too long before nothing is asked any more.
_PATIENCE = 20
_NOT_ASKED = ServerError("57014", "not tried, because too many tries before it did not come to their end")
_SAVEPOINT = "pgassay_probe"
_UNDO = f"rollback to savepoint {_SAVEPOINT}; release savepoint {_SAVEPOINT}"
_UNDONE = "PGA00"
# An exception undoes all that a block has done, settings and role included, as a savepoint does.
_DO = f"""
declare
  given pg_catalog.jsonb := {{given}}; one pg_catalog.jsonb; answers pg_catalog.jsonb := '[]';
  number pg_catalog.int8; document pg_catalog.text; code pg_catalog.text; said pg_catalog.text;
begin
  for one in select each from pg_catalog.jsonb_array_elements(given) as each loop
    number := null; document := null; code := null; said := null;
    begin
      perform pg_catalog.set_config('search_path', one ->> 'path', true),
        pg_catalog.set_config('request.jwt.claims', one ->> 'claims', true);
      execute 'set local role ' || (one ->> 'role');
      if (one -> 'reads')::pg_catalog.bool then
        execute one ->> 'sql' into document;
      else
        execute one ->> 'sql';
        get diagnostics number = row_count;
      end if;
      if one ->> 'then' is not null then
        set local role none;
        execute one ->> 'then';
        get diagnostics number = row_count;
      end if;
      raise exception using errcode = '{_UNDONE}';
    exception when others then
      get stacked diagnostics code = returned_sqlstate, said = message_text;
    end;
    answers := answers || pg_catalog.jsonb_build_array(pg_catalog.jsonb_build_array(number, document, code, said));
  end loop;
  perform pg_catalog.set_config('pgassay.answers', answers::pg_catalog.text, true);
end
"""


class Probe(Struct, frozen=True):
    """One statement, in a schema that comes first in the search path.

    Its answer is the number of rows that it is about, or with `reads` the one value that it gives. `then` is run after
    it by the migration role, and its number of rows is the answer in place of the statement's.
    """

    persona: Persona
    schema: str
    sql: str
    then: str | None = None
    reads: bool = False


class Answer(Struct, frozen=True):
    """`number` is None where the server refused the statement."""

    number: int | None
    document: str | None = None
    error: ServerError | None = None


Asking = Generator[list[Probe], list[Answer], T]
"""Yields what is to be asked, is sent the answers, and returns what they mean."""


class Asker:
    """In a transaction, which is left as it was. Raises QueryRefused when the session has ended."""

    def __init__(self, session: Session, search_path: tuple[str, ...]) -> None:
        self._session = session
        self._search_path = search_path
        self._patience = _PATIENCE

    def together(self, askings: Iterable[Asking[T]]) -> list[T]:
        """The results of all, where the questions of each round are asked in as few messages as possible."""
        results: dict[int, T] = {}
        waiting: list[tuple[int, Asking[T], list[Probe]]] = []

        def go_on(n: int, asking: Asking[T], answers: list[Answer] | None) -> None:
            try:
                probes = next(asking) if answers is None else asking.send(answers)
            except StopIteration as done:
                results[n] = done.value
            else:
                waiting.append((n, asking, probes))

        for n, asking in enumerate(askings):
            go_on(n, asking, None)
        while waiting:
            round_, waiting = waiting, []
            answers = iter(list(self.ask([probe for _, _, probes in round_ for probe in probes])))
            for n, asking, probes in round_:
                go_on(n, asking, [next(answers) for _ in probes])
        return [results[n] for n in sorted(results)]

    def ask(self, probes: Sequence[Probe]) -> Iterator[Answer]:
        for start in range(0, len(probes), _MANY):
            some = probes[start : start + _MANY]
            try:
                yield from self._at_once(some, _SECONDS)
            except QueryRefused as refused:
                if refused.is_over:
                    raise
                # One of them takes too long, or ends in what no block can catch.
                yield from map(self._alone, some)

    def _alone(self, probe: Probe) -> Answer:
        if not self._patience:
            return Answer(None, None, _NOT_ASKED)
        try:
            (answer,) = self._at_once([probe], _SECONDS_ALONE)
        except QueryRefused as refused:
            if refused.is_over:
                raise
            self._patience -= 1
            return Answer(None, None, refused.error)
        return answer

    def _at_once(self, probes: Sequence[Probe], seconds: float) -> list[Answer]:
        given = json.dumps([_document(probe, self._search_path) for probe in probes])
        mark, inner = f"$pgassay_{token_hex(8)}$", f"$pgassay_{token_hex(8)}$"
        do = _DO.replace("{given}", f"{inner}{given}{inner}")
        try:
            # In one message, which only a question without parameters can be.
            ((found,),) = self._session.rows(
                f"savepoint {_SAVEPOINT}; set local search_path = pg_catalog, pg_temp; "
                f"do {mark}{do}{mark}; select pg_catalog.current_setting('pgassay.answers'); {_UNDO}",
                timeout=seconds,
            )
        except QueryRefused:
            self._session.run(_UNDO)
            raise
        answers: list[Any] = json.loads(found)
        return [_answer(*each) for each in answers]


def _document(probe: Probe, search_path: tuple[str, ...]) -> dict[str, object]:
    return {
        "path": ", ".join(quoted(name) for name in dict.fromkeys((probe.schema, *search_path))),
        "claims": probe.persona.claims,
        "role": quoted(probe.persona.role),
        "sql": probe.sql,
        "then": probe.then,
        "reads": probe.reads,
    }


def _answer(number: int | None, document: str | None, code: str, said: str) -> Answer:
    if code == _UNDONE:
        return Answer(number, document)
    return Answer(None, None, ServerError(code, said))
