"""From matches to findings: words, allow comments, duplicates, order, verdict."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from pgassay.catalogue.load import builtin_rules
from pgassay.judge import Hit, Judgement, judge
from pgassay.model import (
    Evidence,
    Finding,
    Location,
    Match,
    Migration,
    Rule,
    Sections,
    Severity,
    Stage,
    Unchecked,
    Verdict,
)
from pgassay.settings import Settings
from pgassay.settings_file import read_settings
from pgassay.sql import read

PATH = "migrations/2_b.sql"
TODAY = date(2026, 6, 15)
STALE_ALLOW = tuple(rule for rule in builtin_rules() if rule.stage is Stage.ALLOW)


def rule(
    name: str = "blue_table",
    group: str = "colours",
    *,
    severity: Severity | None = Severity.ERROR,
    once: Severity | None = Severity.ERROR,
    stage: Stage = Stage.STATIC,
    hazard: str | None = None,
    message: str = "`{table}` is blue.",
    **more: Any,
) -> Rule:
    return Rule(name, group, stage, "Blue table", severity, once, "0.1.0", message, "", (), hazard=hazard, **more)


def at(line: int, path: str = PATH) -> Location:
    return Location(path, line, line, 1, 5)


def hit(line: int, table: str = "a", by: Rule | None = None, *, path: str = PATH, subject: str | None = None) -> Hit:
    return Hit(by or rule(), Match(at(line, path), subject=subject, table=table), runs_once=False)


def migration(text: str, path: str = PATH) -> Migration:
    return Migration(path, "2", "b", text, Sections(((0, len(text)),)), read)


def judged(
    *hits: Hit,
    text: str = "",
    settings: str = "",
    not_asked: frozenset[str] = frozenset(),
    unchecked: tuple[Unchecked, ...] = (),
    migrations: tuple[Migration, ...] | None = None,
) -> Judgement:
    files = (migration(text),) if migrations is None else migrations
    chosen = read_settings(settings, "pgassay.toml")
    return judge(hits, files, chosen, STALE_ALLOW, not_asked, unchecked, TODAY)


def told(judgement: Judgement) -> list[tuple[str, int]]:
    """Rule and line of every finding, in order."""
    return [(finding.rule, finding.location.start_line) for finding in judgement.findings]


class TestWords:
    def finding(self, match: Match, **of_rule: Any) -> Finding:
        (finding,) = judged(Hit(rule(**of_rule), match, runs_once=False)).findings
        return finding

    def test_facts_fill_the_words_of_the_page(self) -> None:
        finding = self.finding(
            Match(at(1), table="users", label="here", rows=3),
            seen="it has {rows} rows",
            instead="`drop {table}`",
            url="https://example.com",
            stage=Stage.TRACE,
        )
        assert (finding.message, finding.seen, finding.instead) == ("`users` is blue.", "it has 3 rows", "`drop users`")
        assert (finding.label, finding.url, finding.evidence) == ("here", "https://example.com", Evidence.OBSERVED)
        assert finding.facts == {"table": "users", "rows": 3}

    def test_a_sentence_whose_fact_is_missing_is_left_out(self) -> None:
        finding = self.finding(Match(at(1), table="users", rows=None), seen="it has {rows} rows")
        assert finding.seen is None

    def test_without_any_sentence_the_title_speaks(self) -> None:
        assert self.finding(Match(at(1), table=None)).message == "Blue table"

    @pytest.mark.parametrize(
        ("match", "subject"),
        [
            (Match(at(1), subject="own", table="users"), "own"),
            (Match(at(1), table="users", rows=3), "users"),
            (Match(at(1), table=None, other="next"), "next"),
            (Match(at(1), table=("a", "b")), "a, b"),
            (Match(at(1), table=None), PATH),
            (Match(at(1)), PATH),
        ],
    )
    def test_what_it_is_about(self, match: Match, subject: str) -> None:
        assert self.finding(match).subject == subject


class TestSeverity:
    @pytest.mark.parametrize(
        ("settings", "severity"),
        [
            ("", Severity.ERROR),
            ('[rules]\nblue_table = "note"', Severity.NOTE),
            ('[rules]\ncolours = "warning"', Severity.WARNING),
            ('[rules]\ncolours = "off"\nblue_table = "warning"', Severity.WARNING),
        ],
    )
    def test_by_rule_and_by_group(self, settings: str, severity: Severity) -> None:
        (finding,) = judged(hit(1), settings=settings).findings
        assert finding.severity is severity

    @pytest.mark.parametrize("settings", ['[rules]\nblue_table = "off"', '[rules]\ncolours = "off"'])
    def test_off(self, settings: str) -> None:
        assert judged(hit(1), settings=settings) == Judgement((), (), Verdict.PASS)

    def test_where_each_file_runs_once(self) -> None:
        by = rule(severity=Severity.ERROR, once=None)
        match = Match(at(1), table="a")
        assert told(judged(Hit(by, match, runs_once=False))) == [("blue_table", 1)]
        assert told(judged(Hit(by, match, runs_once=True))) == []


class TestAllowComments:
    TEXT = "-- pgassay: allow blue_table because we like it\ncreate table a ();\ncreate table b ();\n"

    def test_what_it_covers_is_allowed(self) -> None:
        judgement = judged(hit(2), hit(3), text=self.TEXT)
        assert told(judgement) == [("blue_table", 3)]
        (allowed,) = judgement.allowed
        assert (allowed.rule, allowed.location, allowed.reason) == ("blue_table", at(2), "we like it")
        assert (allowed.until, allowed.owner) == (None, None)

    def test_one_comment_may_allow_several(self) -> None:
        judgement = judged(hit(2, "a"), hit(2, "b"), text=self.TEXT)
        assert told(judgement) == []
        assert len(judgement.allowed) == 2

    def test_it_speaks_for_one_rule(self) -> None:
        judgement = judged(hit(2, by=rule("red_table")), text=self.TEXT)
        assert told(judgement) == [("stale_allow", 1), ("red_table", 2)]

    def test_and_for_one_file(self) -> None:
        judgement = judged(hit(2, path="migrations/3_c.sql"), text=self.TEXT)
        assert told(judgement) == [("stale_allow", 1), ("blue_table", 2)]

    def test_one_that_matches_nothing_is_told(self) -> None:
        (finding,) = judged(
            hit(3), text="create table a (); -- pgassay: allow blue_table because x\n\nselect 1;"
        ).findings[:1]
        assert finding.rule == "stale_allow"
        assert finding.message == "This comment allows `blue_table`, which has nothing to say here."

    def test_so_is_one_of_a_rule_that_does_not_exist(self) -> None:
        (finding,) = judged(text="-- pgassay: allow blue_tabel because x\nselect 1;").findings
        assert finding.message == "This comment allows `blue_tabel`, which has nothing to say here."

    def test_but_not_one_of_a_rule_that_was_not_asked(self) -> None:
        text = "-- pgassay: allow table_rewrite because x\nselect 1;"
        assert told(judged(text=text, not_asked=frozenset({"table_rewrite"}))) == []
        assert told(judged(text=text)) == [("stale_allow", 1)]

    def test_one_that_cannot_be_read_is_told(self) -> None:
        (finding,) = judged(text="-- pgassay: allow blue_table\nselect 1;").findings
        assert finding.message == (
            "A comment for pgassay that it cannot use: `this comment does not read as "
            "'-- pgassay: allow RULE because REASON [until YYYY-MM-DD]'`."
        )

    @pytest.mark.parametrize(
        ("until", "rules"),
        [("2026-06-14", ["stale_allow", "blue_table"]), ("2026-06-15", []), ("2026-06-16", [])],
    )
    def test_it_is_good_until_the_end_of_its_day(self, until: str, rules: list[str]) -> None:
        text = f"-- pgassay: allow blue_table because x until {until}\ncreate table a ();"
        judgement = judged(hit(2), text=text)
        assert [finding.rule for finding in judgement.findings] == rules
        assert [allowed.until for allowed in judgement.allowed] == ([] if rules else [until])

    def test_an_expired_one_says_since_when(self) -> None:
        text = "-- pgassay: allow blue_table because x until 2026-06-14\ncreate table a ();"
        assert judged(hit(2), text=text).findings[0].message == (
            "This comment allowed `blue_table` until `2026-06-14`, and that day is over."
        )

    def test_a_second_one_may_still_be_good(self) -> None:
        text = (
            "-- pgassay: allow blue_table because x until 2026-06-14\n"
            "-- pgassay: allow blue_table because y\ncreate table a ();"
        )
        judgement = judged(hit(3), text=text)
        assert [allowed.reason for allowed in judgement.allowed] == ["y"]
        assert told(judgement) == [("stale_allow", 1)]

    def test_a_finding_over_several_lines_is_covered_by_any_of_them(self) -> None:
        text = "create table a (\n  x int -- pgassay: allow blue_table because x\n);\n"
        match = Match(Location(PATH, 2, 3, 3, 2), table="a")
        assert told(judged(Hit(rule(), match, runs_once=False), text=text)) == []

    @pytest.mark.parametrize(
        ("text", "is_allowed"),
        [
            ("-- a file\n\n-- pgassay: allow blue_table because x\n\ncreate table a ();", True),
            ("create table a (); -- pgassay: allow blue_table because x", True),
            ("-- pgassay: allow blue_table because x", True),
            ("select 1;\n-- pgassay: allow blue_table because x\ncreate table a ();", False),
        ],
    )
    def test_a_finding_about_the_file_is_allowed_above_its_first_statement(self, text: str, is_allowed: bool) -> None:
        match = Match(Location(PATH, 1, 1), table="a")
        judgement = judged(Hit(rule(), match, runs_once=False), text=text)
        assert bool(judgement.allowed) is is_allowed


class TestAllowSettings:
    def allow(self, *lines: str) -> str:
        return "\n".join(["[[allow]]", 'rule = "blue_table"', 'reason = "we like it"', *lines])

    def test_one_rule_about_one_object(self) -> None:
        judgement = judged(
            hit(1, "a"),
            hit(2, "b"),
            hit(3, "b", by=rule("red_table")),
            settings=self.allow('object = "b"', 'owner = "data team"'),
        )
        assert told(judgement) == [("blue_table", 1), ("red_table", 3)]
        (allowed,) = judgement.allowed
        assert (allowed.location.start_line, allowed.owner) == (2, "data team")

    @pytest.mark.parametrize(
        ("written", "subject"),
        [
            ("users", "public.users"),
            ("public.users", "users"),
            ("a b on users", '"a b" on public.users'),
            ("f(integer)", "public.f(integer)"),
            ("api.users", "api.users"),
        ],
    )
    def test_the_object_is_named_as_people_do(self, written: str, subject: str) -> None:
        assert told(judged(hit(1, subject=subject), settings=self.allow(f"object = '{written}'"))) == []

    @pytest.mark.parametrize(("written", "subject"), [("users", "api.users"), ("users", "users_old"), ("", "users")])
    def test_another_object_is_not_meant(self, written: str, subject: str) -> None:
        judgement = judged(hit(1, subject=subject), settings=self.allow(f"object = '{written}'"))
        assert told(judgement) == [("blue_table", 1)]

    @pytest.mark.parametrize(("until", "is_allowed"), [("2026-06-14", False), ("2026-06-15", True)])
    def test_with_a_date(self, until: str, is_allowed: bool) -> None:
        judgement = judged(hit(1), settings=self.allow('object = "a"', f'until = "{until}"'))
        assert bool(judgement.allowed) is is_allowed
        assert bool(judgement.findings) is not is_allowed

    def test_a_comment_is_nearer_than_the_settings(self) -> None:
        text = "create table a (); -- pgassay: allow blue_table because of this"
        judgement = judged(hit(1), text=text, settings=self.allow('object = "a"'))
        assert [allowed.reason for allowed in judgement.allowed] == ["of this"]


class TestHazards:
    """Two rules that see one hazard make one finding, that with the better evidence."""

    READ = rule("read", hazard="rewrite")
    SEEN = rule("seen", hazard="rewrite", stage=Stage.TRACE)
    OTHER = rule("other", hazard="lock", stage=Stage.TRACE)

    @pytest.mark.parametrize("turned", [False, True])
    @pytest.mark.parametrize(("table", "line"), [("a", 9), ("z", 1)])
    def test_on_one_object_or_on_one_line(self, turned: bool, table: str, line: int) -> None:
        hits = [hit(1, "a", self.READ), hit(line, table, self.SEEN)]
        assert told(judged(*(reversed(hits) if turned else hits))) == [("seen", line)]

    def test_elsewhere_they_are_two(self) -> None:
        assert told(judged(hit(1, "a", self.READ), hit(2, "b", self.SEEN))) == [("read", 1), ("seen", 2)]

    def test_on_the_same_line_of_another_file_too(self) -> None:
        hits = hit(1, "a", self.READ), hit(1, "b", self.SEEN, path="migrations/3_c.sql")
        assert told(judged(*hits)) == [("read", 1), ("seen", 1)]

    def test_another_hazard_is_another_finding(self) -> None:
        assert told(judged(hit(1, "a", self.READ), hit(1, "a", self.OTHER))) == [("read", 1), ("other", 1)]

    def test_rules_without_a_hazard_keep_theirs(self) -> None:
        hits = hit(1, "a", rule("one")), hit(1, "a", rule("two")), hit(1, "a", self.SEEN)
        assert [name for name, _ in told(judged(*hits))] == ["one", "two", "seen"]

    def test_one_rule_may_find_it_twice_in_one_place(self) -> None:
        """A DO block that makes two tables."""
        assert told(judged(hit(1, "a", self.SEEN), hit(1, "b", self.SEEN))) == [("seen", 1), ("seen", 1)]
        assert told(judged(hit(1, "a", self.SEEN), hit(2, "a", self.SEEN))) == [("seen", 1), ("seen", 2)]

    def test_with_the_same_evidence_the_first_one_stays(self) -> None:
        twin = rule("twin", hazard="rewrite")
        assert told(judged(hit(1, "a", self.READ), hit(1, "a", twin))) == [("read", 1)]

    def test_a_rule_that_is_off_hides_nothing(self) -> None:
        settings = '[rules]\nseen = "off"'
        assert told(judged(hit(1, "a", self.READ), hit(1, "a", self.SEEN), settings=settings)) == [("read", 1)]


class TestFingerprints:
    def of(self, *hits: Hit) -> list[str]:
        return [finding.fingerprint for finding in judged(*hits).findings]

    def test_they_survive_moved_lines_and_renamed_files(self) -> None:
        assert self.of(hit(1)) == self.of(hit(9)) == self.of(hit(1, path="migrations/9_z.sql"))

    def test_they_differ_by_rule_and_by_object(self) -> None:
        assert len({*self.of(hit(1, "a")), *self.of(hit(1, "b")), *self.of(hit(1, "a", rule("red_table")))}) == 3

    def test_equal_ones_are_numbered_in_their_order(self) -> None:
        first, second, third = self.of(hit(1), hit(2), hit(3))
        assert len({first, second, third}) == 3
        assert [first, second] == self.of(hit(4), hit(5))

    def test_of_equal_ones_each_keeps_its_own_when_another_is_gone(self) -> None:
        first, second = "alter table a\n  add b int; -- one\n", "alter table a add c int;\n"
        both = judged(hit(2), hit(3), migrations=(migration(first + second),)).findings
        third = "-- x\nalter table a add d int;\n"
        text = f"-- new\n{second.replace(';', '  ;')}{third}"
        later = judged(hit(2), hit(4), migrations=(migration(text),)).findings
        assert later[0].fingerprint == both[1].fingerprint
        assert len({finding.fingerprint for finding in (*both, *later)}) == 3

    def test_what_they_share_is_their_second_half(self) -> None:
        alone, *others = *self.of(hit(1)), *self.of(hit(2), hit(3, path="migrations/9_z.sql"))
        assert len({alone, *others}) == 3
        assert len({each[8:] for each in (alone, *others)}) == 1

    def test_they_are_short_and_plain(self) -> None:
        (fingerprint,) = self.of(hit(1, "größe\x00"))
        assert len(fingerprint) == 16
        assert fingerprint.isalnum()


def test_findings_come_in_the_order_of_the_files_and_lines() -> None:
    files = migration("", "migrations/2_b.sql"), migration("", "migrations/10_a.sql")
    hits = [
        hit(1, "a", path="pgassay.toml"),
        hit(1, "b", path="migrations/10_a.sql"),
        hit(9, "c", path="migrations/2_b.sql"),
        hit(2, "d", path="migrations/2_b.sql"),
        hit(1, "e", path="migrations/1_merged.sql"),
    ]
    found = judged(*hits, migrations=files).findings
    assert [finding.subject for finding in found] == ["d", "c", "b", "e", "a"]


class TestVerdict:
    ESSENTIAL = (Unchecked("a statement", "no server", essential=True),)
    MINOR = (Unchecked("pg_net", "a stand-in ran"),)

    @pytest.mark.parametrize(
        ("severity", "fail_on", "verdict"),
        [
            ("error", "error", Verdict.BLOCK),
            ("error", "note", Verdict.BLOCK),
            ("warning", "error", Verdict.COMMENT),
            ("warning", "warning", Verdict.BLOCK),
            ("note", "warning", Verdict.COMMENT),
            ("note", "note", Verdict.BLOCK),
        ],
    )
    def test_a_finding_as_bad_as_fail_on_blocks(self, severity: str, fail_on: str, verdict: Verdict) -> None:
        settings = f'fail_on = "{fail_on}"\n[rules]\nblue_table = "{severity}"'
        assert judged(hit(1), settings=settings).verdict is verdict

    def test_nothing_found(self) -> None:
        assert judged().verdict is Verdict.PASS
        assert judged(unchecked=self.MINOR).verdict is Verdict.PASS

    def test_what_was_not_judged_does_not_pass(self) -> None:
        assert judged(unchecked=self.ESSENTIAL).verdict is Verdict.COMMENT
        assert judged(hit(1), unchecked=self.ESSENTIAL).verdict is Verdict.BLOCK

    def test_what_is_allowed_does_not_count(self) -> None:
        settings = '[[allow]]\nrule = "blue_table"\nobject = "a"\nreason = "x"'
        assert judged(hit(1), settings=settings).verdict is Verdict.PASS

    def test_a_stale_comment_counts_as_its_page_says(self) -> None:
        text = "-- pgassay: allow blue_table because x\nselect 1;"
        assert judged(text=text).verdict is Verdict.COMMENT
        assert judged(text=text, settings='[rules]\nstale_allow = "off"').verdict is Verdict.PASS


def test_nothing_is_kept_between_two_judgements() -> None:
    assert judged(hit(1), hit(2)) == judged(hit(1), hit(2))
    assert judge((), (), Settings(), STALE_ALLOW, frozenset(), (), TODAY) == Judgement((), (), Verdict.PASS)


def test_a_comment_for_a_rule_that_does_not_exist_says_so_and_names_the_nearest() -> None:
    text = "-- pgassay: allow table_rewrit because it is small\nselect 1;\n"
    judgement = judge(
        [], (migration(text=text),), Settings(), STALE_ALLOW, frozenset(), (), TODAY, frozenset({"table_rewrite"})
    )
    [finding] = judgement.findings
    assert "no rule is called table_rewrit, table_rewrite is" in finding.message
