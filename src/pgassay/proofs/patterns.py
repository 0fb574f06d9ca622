"""A text that a simple regular expression matches. PostgreSQL has the last word on whether it does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from re import _constants as c  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

_CLASSES = {
    "[:alpha:]": "a-zA-Z",
    "[:alnum:]": "a-zA-Z0-9",
    "[:digit:]": "0-9",
    "[:lower:]": "a-z",
    "[:upper:]": "A-Z",
    "[:xdigit:]": "0-9a-f",
    "[:space:]": " ",
}
_TRIED = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_ .@:/#+"
_MOST_REPEATED = 1_000


def matching(pattern: str, user: str) -> Iterator[str]:
    """One text, in which the letter of the user stands where it may. Nothing for what is not understood."""
    for name, members in _CLASSES.items():
        pattern = pattern.replace(name, members)
    try:
        yield "".join(_text(parser.parse(pattern), user))
    except (re.error, ValueError, OverflowError, RecursionError):
        return


def _text(tree: Any, user: str) -> Iterator[str]:
    for kind, value in tree:
        if kind is c.LITERAL:
            yield chr(value)
        elif kind is c.ANY:
            yield user
        elif kind is c.NOT_LITERAL:
            yield next(each for each in user + _TRIED if ord(each) != value)
        elif kind is c.IN:
            yield _member(value, user)
        elif kind in (c.MAX_REPEAT, c.MIN_REPEAT):
            least, most, part = value
            for _ in range(min(max(least, 1 if most else 0), _MOST_REPEATED)):
                yield from _text(part, user)
        elif kind is c.SUBPATTERN:
            yield from _text(value[-1], user)
        elif kind is c.BRANCH:
            yield from _text(value[1][0], user)
        elif kind not in (c.AT, c.ASSERT, c.ASSERT_NOT):
            raise ValueError(kind)


def _member(members: Any, user: str) -> str:
    negated = members[0][0] is c.NEGATE
    for each in user + _TRIED:
        if any(_is_in(each, member) for member in members if member[0] is not c.NEGATE) is not negated:
            return each
    raise ValueError(members)


def _is_in(character: str, member: Any) -> bool:
    kind, value = member
    if kind is c.LITERAL:
        return bool(ord(character) == value)
    if kind is c.RANGE:
        return bool(value[0] <= ord(character) <= value[1])
    if kind is c.CATEGORY:
        word, digit, space = character.isalnum() or character == "_", character.isdigit(), character.isspace()
        classes = {
            c.CATEGORY_WORD: word,
            c.CATEGORY_NOT_WORD: not word,
            c.CATEGORY_DIGIT: digit,
            c.CATEGORY_NOT_DIGIT: not digit,
            c.CATEGORY_SPACE: space,
            c.CATEGORY_NOT_SPACE: not space,
        }
        return bool(classes.get(value, False))
    return False
