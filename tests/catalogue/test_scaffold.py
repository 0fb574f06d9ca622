"""A new rule loads as it is written, and its examples hold."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from pgassay.catalogue.load import load_folder
from pgassay.catalogue.scaffold import STAGES, new_rule
from pgassay.cli import cli
from pgassay.errors import UsageError
from pgassay.model import Stage
from pgassay.rehearsal import rehearse
from pgassay.replay.bench import Bench


@pytest.mark.parametrize("stage", STAGES)
def test_it_does_what_its_page_says(stage: Stage, tmp_path: Path, bench: Bench) -> None:
    page, check = new_rule(tmp_path, "own/odd_table", stage, ())
    assert page.with_suffix(check.suffix) == check
    (rule,) = load_folder(tmp_path)
    assert (rule.group, rule.id, rule.stage) == ("own", "odd_table", stage)
    assert rehearse(rule, (rule,), bench) == []


@pytest.mark.parametrize("name", ["odd_table", "own/Odd", "own/odd-table", "../x/y", "own/", "a/b/c"])
def test_names_that_cannot_be(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="GROUP/NAME"):
        new_rule(tmp_path, name, Stage.STATIC, ())
    assert not list(tmp_path.iterdir())


def test_a_name_that_is_taken(tmp_path: Path) -> None:
    new_rule(tmp_path, "own/odd_table", Stage.STATIC, ())
    with pytest.raises(UsageError, match="exists already"):
        new_rule(tmp_path, "own/odd_table", Stage.CATALOG, ())
    with pytest.raises(UsageError, match="a rule called odd_table exists already"):
        new_rule(tmp_path, "other/odd_table", Stage.STATIC, load_folder(tmp_path))


def test_on_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    runner = CliRunner()
    assert isinstance(runner.invoke(cli, ["rules", "new", "own/odd_table"]).exception, UsageError)
    (tmp_path / "pgassay.toml").write_text('custom_rules = "db/rules"\n', encoding="utf-8")
    written = runner.invoke(cli, ["rules", "new", "own/odd_table", "--stage", "catalog"])
    assert written.exit_code == 0, written.output
    assert (tmp_path / "db/rules/own/odd_table.sql").exists()
    assert "# Odd table" in runner.invoke(cli, ["explain", "odd_table"]).output
