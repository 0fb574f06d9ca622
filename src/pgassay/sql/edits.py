"""Spots and edits that rules share: the head of a statement, where the server pointed, a word put in between."""

from __future__ import annotations

import re

from pgassay.model import Edit, Location, ServerError, Statement
from pgassay.sql import grammar, locate
from pgassay.sql.grammar import GrammarError, Token
from pgassay.sql.positions import within


def first_line(statement: Statement) -> Location:
    """The first line of the statement, or the whole of a statement that has one line."""
    end = statement.text.find("\n")
    return within(statement, 0, len(statement.text) if end < 0 else len(statement.text[:end].rstrip()))


def error_location(statement: Statement, error: ServerError) -> Location:
    """Where the server pointed; else what its message names: a constraint, a word of the statement; else the head."""
    if error.position is not None and error.position < len(statement.text):
        word = _WORD.match(statement.text, error.position)
        return within(statement, error.position, word.end() if word else error.position + 1)
    constraint = re.search(r'constraint "([^"]+)"', error.message)
    if constraint and (location := locate.find_constraint(statement, constraint[1])):
        return location
    for name in re.findall(r'"([^"]+)"', error.message):
        if found := re.search(rf'"{re.escape(name)}"|(?<!\w){re.escape(name)}(?!\w)', statement.text):
            return within(statement, *found.span())
    return first_line(statement)


_WORD = re.compile(r'"[^"\n]*"|[\w.]+|\S')


def _first(statement: Statement, keyword: str) -> Token | None:
    try:
        return next((token for token in grammar.scan(statement.text) if token.kind == keyword), None)
    except GrammarError:
        return None


def _as(statement: Statement, token: Token, words: str) -> str:
    """In capitals where the statement's keywords are."""
    return words.upper() if statement.text[token.start : token.end].isupper() else words


def insert_after(statement: Statement, text: str, keyword: str, words: str) -> Edit | None:
    """Put `words` behind the first `keyword` token, in the case of that keyword. `text` is the whole file."""
    token = _first(statement, keyword)
    if token is None:
        return None
    at = statement.start + token.end
    first = text.rfind("\n", 0, at) + 1
    last = text.find("\n", at)
    line = text[first : len(text) if last < 0 else last].rstrip("\r")
    inserted = _as(statement, token, words)
    number = within(statement, token.start, token.end).start_line
    location = Location(statement.location.path, number, number)
    return Edit(location, f"{line[: at - first]} {inserted}{line[at - first :]}")


def with_words(statement: Statement, keyword: str, words: str) -> str | None:
    """The whole statement with `words` behind its first `keyword` token."""
    token = _first(statement, keyword)
    return (
        f"{statement.text[: token.end]} {_as(statement, token, words)}{statement.text[token.end :]}" if token else None
    )


def first_words(text: str) -> str:
    """A statement up to its first parenthesis or `as`, for a sentence."""
    return re.split(r"\s*\(|\s+as\b", text.strip().rstrip(";"), maxsplit=1, flags=re.I)[0]
