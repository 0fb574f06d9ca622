"""The SQL front end: the only part of pgassay that reads SQL text."""

from __future__ import annotations

from pgassay.model import Migration, Script, Statement, SyntaxProblem
from pgassay.sql.comments import allow_comments
from pgassay.sql.split import statements

__all__ = ["read"]


def read(migration: Migration) -> Script:
    """Statements of both directions and the allow comments. Never raises: what cannot be parsed is in the script."""
    if migration.unreadable:
        problem = SyntaxProblem(migration.unreadable, migration.start)
        return Script((Statement("", migration.start, "", 0, problem=problem),))
    up = statements(migration.path, _only(migration.text, migration.sections.up))
    down = statements(migration.path, _only(migration.text, migration.sections.down)) if migration.sections.down else ()
    everything = tuple(sorted((*up, *down), key=lambda statement: statement.start))
    allows, problems = allow_comments(migration.path, migration.text, everything)
    return Script(up, down, allows, problems)


def _only(text: str, spans: tuple[tuple[int, int], ...]) -> str:
    """The text with everything outside the spans blanked, so that offsets and lines stay those of the file."""
    if spans == ((0, len(text)),):
        return text
    kept = []
    position = 0
    for start, end in spans:
        kept += ["".join("\n" if c == "\n" else " " for c in text[position:start]), text[start:end]]
        position = end
    return "".join(kept)
