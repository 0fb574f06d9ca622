"""What is wrong with expectations and personas of the settings, in one sentence with file and line."""

from __future__ import annotations

import pytest

from pgassay.errors import SettingsError
from pgassay.settings_file import read_settings

EXPECT = '\n[[expect]]\nrole = "anon"\ntable = "notes"\n'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            EXPECT.replace("anon", "anonymous") + 'can = ["select"]',
            'pgassay.toml:2: [[expect]] role = "anonymous": there is no such role; write anon.',
        ),
        (
            EXPECT.replace("anon", "x") + 'can = ["select"]',
            'pgassay.toml:2: [[expect]] role = "x": there is no such role; write anon, authenticated, service_role or '
            "the name of a [[persona]].",
        ),
        (
            EXPECT + 'can = ["select"]\n' + EXPECT + 'cannot = ["read"]',
            'pgassay.toml:7: [[expect]] "read" is no action; write select, insert, update or delete.',
        ),
        (
            EXPECT,
            "pgassay.toml:2: [[expect]] for anon: says neither what it can nor what it cannot do; "
            "add `can` or `cannot`.",
        ),
        (
            EXPECT + 'can = "select"\nrows = "own"',
            'pgassay.toml:2: [[expect]] rows = "own" is for role = "authenticated", whose users have rows of their '
            "own; remove it.",
        ),
        (
            EXPECT.replace("anon", "authenticated") + 'can = "select"\nrows = "mine"',
            'pgassay.toml:2: [[expect]] rows = "mine": write own or others, or leave it out for every row.',
        ),
        (EXPECT + "may = 1", "pgassay.toml: unknown key `expect.may`; README.md lists the keys."),
        (
            '[[persona]]\nname = "admin"\nrole = "postgres"',
            'pgassay.toml: [[persona]] admin: role = "postgres": write anon, authenticated or service_role.',
        ),
        (
            '[[persona]]\nname = "anon"',
            "pgassay.toml: [[persona]] anon: there is one of that name already; choose another.",
        ),
    ],
)
def test_what_cannot_be_is_refused(text: str, words: str) -> None:
    with pytest.raises(SettingsError) as refused:
        read_settings(text, "pgassay.toml")
    assert str(refused.value) == words


def test_where_an_expectation_stands() -> None:
    settings = read_settings(EXPECT + 'can = ["select"]\n' + EXPECT + 'cannot = "delete"', "pgassay.toml")
    assert [each.line for each in settings.expect] == [2, 7]
    assert settings.expect[1].asked == (("delete", False),)
    settings = read_settings('expect = [{ role = "anon", table = ["a", "b"], can = ["select"] }]', "pgassay.toml")
    assert [(each.line, each.tables) for each in settings.expect] == [(1, ("a", "b"))]
