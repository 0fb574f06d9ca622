"""`[[expect]]` and `[[persona]]` of the settings: where they stand in the file, and what is wrong with them."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from pgassay.errors import SettingsError
from pgassay.model.expectation import ACTIONS, ROLES, WHOSE, Expectation, PersonaSetting

_HEADER = re.compile(r"^\s*(?:\[\[\s*expect\s*\]\]|expect\s*=)")


def with_lines(expectations: tuple[Expectation, ...], text: str) -> tuple[Expectation, ...]:
    """Each with the line of its header, or of the list that has them all."""
    lines = [n for n, line in enumerate(text.split("\n"), 1) if _HEADER.match(line)]
    if lines and len(lines) != len(expectations):
        lines = lines[:1] * len(expectations)
    return tuple(replace(each, line=n) for each, n in zip(expectations, lines, strict=False)) if lines else expectations


def refuse_unusable(expectations: Iterable[Expectation], personas: tuple[PersonaSetting, ...], path: str) -> None:
    """Raises SettingsError. Which tables there are is known later, and refused by `no_such_table`."""
    for persona in personas:
        if persona.role not in ROLES:
            raise SettingsError(f'{path}: [[persona]] {persona.name}: role = "{persona.role}": write {_either(ROLES)}.')
    names = [*ROLES, *(persona.name for persona in personas)]
    for name in names:
        if names.count(name) > 1:
            raise SettingsError(f"{path}: [[persona]] {name}: there is one of that name already; choose another.")
    for each in expectations:
        for problem in _problems(each, names):
            raise SettingsError(f"{place(each, path)}: [[expect]] {problem}.")


def place(expectation: Expectation, path: str) -> str:
    """As editors make it a link; a file of the base branch is called `pgassay.toml on main`."""
    name, on, branch = path.partition(" on ")
    return f"{name}:{expectation.line}{on}{branch}" if expectation.line else path


def no_such_table(expectation: Expectation, table: str, known: Iterable[str], path: str) -> SettingsError:
    near = difflib.get_close_matches(table, sorted(known), n=1)
    advice = f"did you mean {near[0]}?" if near else "correct or remove it."
    words = f'[[expect]] table = "{table}": nothing that the API serves has that name'
    return SettingsError(f"{place(expectation, path)}: {words}; {advice}")


def _problems(each: Expectation, names: list[str]) -> Iterator[str]:
    if each.role not in names:
        near = difflib.get_close_matches(each.role, names, n=1)
        advice = f"write {near[0]}" if near else f"write {_either([*ROLES, 'the name of a [[persona]]'])}"
        yield f'role = "{each.role}": there is no such role; {advice}'
    for action, _ in each.asked:
        if action not in ACTIONS:
            yield f'"{action}" is no action; write {_either(ACTIONS)}'
    if not each.asked:
        yield f"for {each.role}: says neither what it can nor what it cannot do; add `can` or `cannot`"
    if not each.tables:
        yield f"for {each.role}: names no table; add `table`"
    if each.rows is not None and each.rows not in WHOSE:
        yield f'rows = "{each.rows}": write {_either(WHOSE)}, or leave it out for every row'
    if each.rows is not None and each.role != "authenticated":
        yield f'rows = "{each.rows}" is for role = "authenticated", whose users have rows of their own; remove it'


def _either(choices: Iterable[str]) -> str:
    *some, last = choices
    return f"{', '.join(some)} or {last}"
