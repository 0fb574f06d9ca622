"""Every page of the catalogue, run. There is no code per rule here: a rule is a page and a check and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from pgassay.catalogue import index
from pgassay.catalogue.load import builtin_folder, builtin_rules
from pgassay.model import Rule
from pgassay.rehearsal import rehearse
from pgassay.replay.bench import Bench

RULES = builtin_rules()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_page_does_what_it_says(rule: Rule, bench: Bench) -> None:
    problems = rehearse(rule, RULES, bench)
    assert not problems, "\n".join(f"{rule.group}/{rule.id}.md: {problem}" for problem in problems)


def test_index_is_what_the_command_prints() -> None:
    written = (builtin_folder() / "README.md").read_text(encoding="utf-8")
    assert written == index.markdown(RULES), "run: pgassay rules --markdown > rules/README.md"


def test_every_rule_is_in_the_changelog_of_its_version() -> None:
    changelog = Path("CHANGELOG.md").read_text(encoding="utf-8")
    for rule in RULES:
        section = changelog.partition(f"## {rule.since}")[2].partition("\n## ")[0]
        assert f"`{rule.id}`" in section, f"{rule.id} says since {rule.since}, CHANGELOG.md does not"
