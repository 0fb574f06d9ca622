"""Many statements in one message, each undone."""

from __future__ import annotations

import pytest

from pgassay.postgres.embedded import Embedded
from pgassay.proofs.access import probe
from pgassay.proofs.access.personas import NOBODY
from pgassay.proofs.access.probe import Answer, Asker, Asking, Probe


def asked(sql: str, then: str | None = None, *, reads: bool = False) -> Probe:
    return Probe(NOBODY, "public", sql, then, reads)


def test_each_is_undone_and_answered(server: Embedded, database: str) -> None:
    with server.connect(database) as session:
        session.run("create table t (n int check (n < 9)); insert into t values (1), (2)")
        session.run("begin")
        asker = Asker(session, ("public",))
        answers = list(
            asker.ask(
                [
                    asked("delete from t"),
                    asked("select n from t"),
                    asked("update t set n = n + 8"),
                    asked("delete from t where n = 1", "select from t"),
                    asked("select jsonb_agg(n)::text from t", reads=True),
                    asked("select '$x$ %s \\ ''' from t"),
                    asked("nonsense"),
                ]
            )
        )
        assert [each.number for each in answers] == [2, 2, None, 1, None, 2, None]
        assert answers[4].document == "[1, 2]"
        assert [each.error.sqlstate for each in answers if each.error] == ["23514", "42601"]
        assert session.rows("select count(*) from t") == [(2,)]
        assert list(asker.ask([])) == []


def test_rounds_are_asked_together(server: Embedded, database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def twice(n: int) -> Asking[int]:
        (first,) = yield [asked(f"select from generate_series(1, {n})")]
        answers = yield [asked(f"select from generate_series(1, {first.number} * {m})") for m in (2, 3)]
        return sum(answer.number or 0 for answer in answers)

    rounds: list[int] = []
    ask = Asker.ask

    def counted(self: Asker, probes: list[Probe]) -> list[Answer]:
        rounds.append(len(probes))
        return list(ask(self, probes))

    monkeypatch.setattr(Asker, "ask", counted)
    with server.connect(database) as session:
        session.run("begin")
        assert Asker(session, ()).together([twice(1), twice(2), twice(3)]) == [5, 10, 15]
    assert rounds == [3, 6]


def test_what_does_not_end_spoils_no_other_and_is_not_tried_for_ever(
    server: Embedded, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probe, "_SECONDS", 0.3)
    monkeypatch.setattr(probe, "_SECONDS_ALONE", 0.3)
    monkeypatch.setattr(probe, "_PATIENCE", 2)
    with server.connect(database) as session:
        session.run("begin")
        slow, quick = asked("select pg_sleep(60)"), asked("select 1")
        answers = list(Asker(session, ()).ask([slow, quick, slow, quick]))
        assert [each.number for each in answers] == [None, 1, None, None]
        last = answers[-1].error
        assert last
        assert last.message.startswith("not tried")
        assert not session.failed
