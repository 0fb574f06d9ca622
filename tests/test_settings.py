"""pgassay.toml: what may stand in it, and the sentence for everything that may not."""

from __future__ import annotations

import re

import pytest
from msgspec.structs import replace

from pgassay.errors import SettingsError
from pgassay.model import Rule, Severity, Stage, Strength
from pgassay.postgres.embedded import Embedded
from pgassay.settings import Settings, is_off, severity_of
from pgassay.settings_file import read_settings, refuse_unknown_rules
from pgassay.supabase.config import Config

LISTED = "README.md lists the keys and their values."


def refusal(text: str) -> str:
    with pytest.raises(SettingsError) as refused:
        read_settings(text, "pgassay.toml")
    return str(refused.value)


def settings(text: str) -> Settings:
    return read_settings(text, "pgassay.toml")


def rule(
    name: str,
    group: str = "colours",
    severity: Severity | None = Severity.WARNING,
    once: Severity | None = Severity.WARNING,
) -> Rule:
    return Rule(name, group, Stage.STATIC, name, severity, once, "0.1.0", name, "", ())


class TestRead:
    def test_an_empty_file_is_as_good_as_none(self) -> None:
        assert settings("") == Settings(source="pgassay.toml")
        assert settings("# nothing yet\r\n").fail_on is Severity.ERROR

    def test_everything(self) -> None:
        read = settings(
            """
            migrations = ["a", "b"]
            layout = "plain"
            environment = "postgres"
            postgres = "url:postgresql://me@localhost/x"
            allow_shared_server = true
            runs_once = true
            baseline = "baseline.sql"
            exposed_schemas = ["api"]
            fail_on = "warning"
            custom_rules = "rules"

            [rules]
            missing_rls = "note"
            locks = "off"

            [cascade]
            protected = ["money"]

            [[allow]]
            rule = "missing_rls"
            object = "countries"
            reason = "public data"
            owner = "data team"
            until = "2027-01-31"
            """
        )
        assert read.folders == ("a", "b")
        assert (read.layout, read.environment, read.baseline, read.custom_rules) == (
            "plain",
            "postgres",
            "baseline.sql",
            "rules",
        )
        assert read.fail_on is Severity.WARNING
        assert read.rules == {"missing_rls": "note", "locks": "off"}
        assert read.cascade.protected == ("money",)
        (waiver,) = read.allow
        assert (waiver.rule, waiver.object, waiver.reason, waiver.owner, waiver.until) == (
            "missing_rls",
            "countries",
            "public data",
            "data team",
            "2027-01-31",
        )

    def test_one_folder_needs_no_list(self) -> None:
        assert settings('migrations = "db"').folders == ("db",)
        assert settings("").folders == ()

    def test_a_date_needs_no_quotes(self) -> None:
        (waiver,) = settings('[[allow]]\nrule = "x"\nobject = "o"\nreason = "y"\nuntil = 2027-01-31').allow
        assert waiver.until == "2027-01-31"

    @pytest.mark.parametrize(
        ("text", "environment", "schemas"),
        [
            ("", "supabase", ("public", "graphql_public")),
            ("", "postgres", ()),
            ('exposed_schemas = ["api"]', "supabase", ("api",)),
            ('exposed_schemas = ["api"]', "postgres", ("api",)),
            ("exposed_schemas = []", "supabase", ()),
        ],
    )
    def test_exposed_schemas(self, text: str, environment: str, schemas: tuple[str, ...]) -> None:
        assert settings(text).exposed(environment, Config()) == schemas

    def test_exposed_schemas_of_the_configuration_of_supabase(self) -> None:
        config = Config(schemas=("public", "api"))
        assert settings("").exposed("supabase", config) == ("public", "api")
        assert settings("").exposed("postgres", config) == ()
        assert settings('exposed_schemas = ["own"]').exposed("supabase", config) == ("own",)


class TestRefused:
    @pytest.mark.parametrize(
        ("text", "sentence"),
        [
            # keys
            ('migratons = "a"', "unknown key `migratons` (did you mean `migrations`?); README.md lists the keys."),
            ("colour = 1", "unknown key `colour`; README.md lists the keys."),
            ('source = "x"', "unknown key `source`; README.md lists the keys."),
            (
                "[cascade]\nprotect = []",
                "unknown key `cascade.protect` (did you mean `protected`?); README.md lists the keys.",
            ),
            (
                '[[allow]]\nrule = "x"\nobject = "o"\nreasn = "y"',
                "unknown key `allow.reasn` (did you mean `reason`?); README.md lists the keys.",
            ),
            # types
            ("migrations = 1", f"`migrations`: write text in quotes or a list in brackets, not a number; {LISTED}"),
            ("migrations = [1]", f"`migrations[0]`: write text in quotes, not a number; {LISTED}"),
            ("baseline = true", f"`baseline`: write text in quotes, not true or false; {LISTED}"),
            ('exposed_schemas = "api"', f"`exposed_schemas`: write a list in brackets, not text in quotes; {LISTED}"),
            ('rules = "off"', f"`rules`: write a table of keys, not text in quotes; {LISTED}"),
            (
                '[cascade]\nprotected = "a"',
                f"`cascade.protected`: write a list in brackets, not text in quotes; {LISTED}",
            ),
            ('[allow]\nrule = "x"', f"`allow`: write a list in brackets, not a table of keys; {LISTED}"),
            ("allow = [1]", f"`allow[0]`: write a table of keys, not a number; {LISTED}"),
            ("fail_on = 1", f"`fail_on`: write text in quotes, not a number; {LISTED}"),
            # values
            ('fail_on = "never"', f"`fail_on` = 'never': write error, warning or note; {LISTED}"),
            ('layout = "goose"', f"`layout` = 'goose': write supabase, plain or nested; {LISTED}"),
            (
                'preset = "all"',
                f"`preset` = 'all': write recommended, strict or supabase-advisors; {LISTED}",
            ),
            ('environment = "mysql"', f"`environment` = 'mysql': write supabase or postgres; {LISTED}"),
            (
                '[rules]\nlocks = "off"\nmissing_rls = "loud"',
                f"`rules.missing_rls` = 'loud': write error, warning, note or off; {LISTED}",
            ),
            ("[rules]\nlocks = false", f"`rules.locks` = False: write error, warning, note or off; {LISTED}"),
            *(
                (f'postgres = "{wrong}"', f"`postgres`: write embedded, container:IMAGE or url:DSN; {LISTED}")
                for wrong in ("", "docker", "embedded:17", "container:", "url:", "postgresql://me:sesame@localhost/x")
            ),
            (
                'default_privileges = "all"',
                'default_privileges = "all" is not known: write "legacy", "none" or "cutover:20261030000000".',
            ),
            # [[allow]]
            ('[[allow]]\nrule = "x"\nreason = "y"', f"`allow[0]`: missing `object`; {LISTED}"),
            ('[[allow]]\nrule = "x"\nobject = "o"', f"`allow[0]`: missing `reason`; {LISTED}"),
            ('[[allow]]\nobject = "o"\nreason = "x"', f"`allow[0]`: missing `rule`; {LISTED}"),
            (
                '[[allow]]\nrule = "x"\nobject = "o"\nreason = " "',
                "[[allow]] x: the reason is empty; say why it is allowed.",
            ),
            *(
                (
                    f'[[allow]]\nrule = "x"\nobject = "o"\nreason = "y"\nuntil = "{date}"',
                    f"[[allow]] x: until = '{date}' is not a date; write it as 2027-01-31.",
                )
                for date in ("soon", "2027-02-30", "20270131", "31.01.2027")
            ),
            (
                '[[allow]]\nrule = "x"\nobject = "o"\nreason = "y"\nuntil = 2027-01-31T00:00:00',
                "[[allow]] x: until = '2027-01-31T00:00:00' is not a date; write it as 2027-01-31.",
            ),
        ],
    )
    def test_a_sentence_names_file_key_value_and_next_step(self, text: str, sentence: str) -> None:
        assert refusal(text) == f"pgassay.toml: {sentence}"

    @pytest.mark.parametrize(
        ("text", "sentence"),
        [
            ("a = 1\nb = ", "ends in the middle of a value"),
            ("a b = 1", "line 1: `a b = 1` cannot be read; a line is"),
            ("a = 1\n\na = 2", "the last line, `a = 2`, says a second time what stands above already"),
            ("a = 1\na = 2\nb = 3", "line 2: `a = 2` says a second time what stands above already"),
        ],
    )
    def test_what_cannot_be_read(self, text: str, sentence: str) -> None:
        assert sentence in refusal(text)


class TestRules:
    RULES = (rule("blue_table"), rule("red_table"), rule("slow_lock", "locks"))

    def test_rules_and_groups_may_be_named(self) -> None:
        refuse_unknown_rules(settings('[rules]\nblue_table = "off"\nlocks = "note"'), self.RULES)
        refuse_unknown_rules(settings('[[allow]]\nrule = "red_table"\nobject = "o"\nreason = "x"'), self.RULES)

    @pytest.mark.parametrize(
        ("text", "sentence"),
        [
            (
                '[rules]\nblue_tabel = "off"',
                "[rules] names no rule or group `blue_tabel` (did you mean `blue_table`?); see `pgassay rules`.",
            ),
            ('[rules]\nx = "off"', "[rules] names no rule or group `x`; see `pgassay rules`."),
            (
                '[[allow]]\nrule = "blue_tabel"\nobject = "o"\nreason = "x"',
                "[[allow]] names no rule `blue_tabel` (did you mean `blue_table`?); see `pgassay rules`.",
            ),
            ('[[allow]]\nrule = "locks"\nobject = "o"\nreason = "x"', "[[allow]] names no rule `locks`"),
        ],
    )
    def test_names_that_nothing_has(self, text: str, sentence: str) -> None:
        with pytest.raises(SettingsError) as refused:
            refuse_unknown_rules(settings(text), self.RULES)
        assert str(refused.value).startswith(f"pgassay.toml: {sentence}")

    @pytest.mark.parametrize(
        ("text", "severity"),
        [
            ("", Severity.WARNING),
            ('[rules]\nblue_table = "error"', Severity.ERROR),
            ('[rules]\ncolours = "note"', Severity.NOTE),
            ('[rules]\ncolours = "off"', None),
            ('[rules]\ncolours = "off"\nblue_table = "error"', Severity.ERROR),
            ('[rules]\ncolours = "error"\nblue_table = "off"', None),
        ],
    )
    def test_a_rule_beats_its_group_and_a_group_its_page(self, text: str, severity: Severity | None) -> None:
        assert severity_of(rule("blue_table"), settings(text), runs_once=False) is severity

    def test_severity_where_each_file_runs_once(self) -> None:
        one = rule("a", severity=Severity.ERROR, once=None)
        assert severity_of(one, Settings(), runs_once=True) is None
        assert severity_of(one, Settings(), runs_once=False) is Severity.ERROR
        assert severity_of(one, settings('[rules]\na = "note"'), runs_once=True) is Severity.NOTE


class TestPresets:
    @pytest.mark.parametrize(
        ("preset", "severity"),
        [("", "warning"), ('preset = "recommended"', "warning"), ('preset = "strict"', "warning")],
    )
    def test_a_page_that_says_nothing_of_presets(self, preset: str, severity: str) -> None:
        assert severity_of(rule("a"), settings(preset), runs_once=False) == severity

    @pytest.mark.parametrize(("strict", "severity"), [(Strength.ERROR, Severity.ERROR), (Strength.OFF, None)])
    def test_strict_has_a_severity_of_its_own(self, strict: Strength, severity: Severity | None) -> None:
        one = replace(rule("a", once=None), strict=strict)
        assert severity_of(one, settings('preset = "strict"'), runs_once=False) is severity
        assert severity_of(one, settings('preset = "strict"'), runs_once=True) is severity
        assert severity_of(one, settings(""), runs_once=False) is Severity.WARNING

    def test_advisors_ask_what_supabase_asks_and_whether_it_applies(self) -> None:
        advisors = settings('preset = "supabase-advisors"')
        covered = replace(rule("a", severity=Severity.ERROR), advisors=("rls_disabled_in_public",))
        assert severity_of(covered, advisors, runs_once=False) is Severity.ERROR
        off_otherwise = replace(rule("a", severity=None, once=None), advisors=("unused_index",))
        assert severity_of(off_otherwise, advisors, runs_once=True) is Severity.WARNING
        assert severity_of(replace(rule("a"), every_preset=True), advisors, runs_once=True) is Severity.WARNING
        assert severity_of(rule("a"), advisors, runs_once=True) is None
        assert is_off(rule("a"), advisors)
        assert not is_off(rule("a", once=None), settings(""))

    def test_an_entry_beats_the_preset(self) -> None:
        for preset in ("strict", "supabase-advisors"):
            for key in ("a", "colours"):
                text = f'preset = "{preset}"\n[rules]\n{key} = "note"'
                one = replace(rule("a"), strict=Strength.ERROR)
                assert severity_of(one, settings(text), runs_once=True) is Severity.NOTE


class TestProtected:
    """Patterns go to the server as regular expressions; names are taken literally but for the asterisk."""

    TABLES = (
        "payments",
        "customer_payments",
        "repayments",
        "payments_archive",
        "a.b",
        "axb",
        "a+b",
        "größe (x)",
        "s.t",
    )

    @pytest.mark.parametrize(
        ("protected", "tables"),
        [
            ("payments", {"payments"}),
            ("*payments", {"payments", "customer_payments", "repayments"}),
            ("payments*", {"payments", "payments_archive"}),
            ("*", set(TABLES)),
            ("a.b", {"a.b"}),
            ("a+b", {"a+b"}),
            ("s.*", {"s.t"}),
            ("größe (x)", {"größe (x)"}),
            ("Payments", set()),
        ],
    )
    def test_patterns(self, protected: str, tables: set[str], server: Embedded, database: str) -> None:
        (pattern,) = settings(f'[cascade]\nprotected = ["{protected}"]').cascade.patterns
        assert {table for table in self.TABLES if re.search(pattern, table)} == tables
        with server.connect(database) as session:
            rows = session.rows("select t from unnest(%s::text[]) t where t ~ %s", [list(self.TABLES), pattern])
        assert {table for (table,) in rows} == tables

    @pytest.mark.parametrize("table", ["payments", "payment", "client_payments", "invoice", "orders", "stripe_refund"])
    def test_money_is_protected_by_default(self, table: str) -> None:
        assert any(re.search(pattern, table) for pattern in Settings().cascade.patterns)

    @pytest.mark.parametrize("table", ["users", "repayments_log", "border", "recorder", "orders_seen"])
    def test_and_nothing_else(self, table: str) -> None:
        assert not any(re.search(pattern, table) for pattern in Settings().cascade.patterns)
