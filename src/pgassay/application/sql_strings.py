"""SQL in strings -> queries that the server can be asked about: placeholders of every library become `$1`, `$2`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from msgspec import Struct

from pgassay.application.postgrest import Locate
from pgassay.application.values import HOLE, Text
from pgassay.model import Usage, What

METHODS = frozenset(
    (
        "query execute unsafe raw fetch fetchrow fetchval executemany fetch_all fetch_one $queryRawUnsafe "
        "$executeRawUnsafe"
    ).split()
)
TAGS = frozenset({"sql", "$queryRaw", "$executeRaw"})

_STATEMENT = re.compile(r"\s*(?:--[^\n]*\n\s*)*(?:select|insert\s+into|update|delete\s+from|with)\b", re.I)
_LONGEST = 20_000
_TOKENS = re.compile(
    rf"(?P<quoted>'(?:[^']|'')*'|\"[^\"]*\"|\$\w*\$.*?\$\w*\$)|(?P<comment>--[^\n]*|/\*.*?\*/)|(?P<hole>{HOLE})"
    r"|(?P<python>%s|%\((?P<python_name>\w+)\)s)|(?P<numbered>\$\d+)|(?P<named>(?<![:\w]):(?P<name>[A-Za-z_]\w*))"
    r"|(?P<question>\?(?![|&?]))",
    re.S,
)


class Query(Struct, frozen=True):
    """`sql` takes parameters where the text has placeholders; `tables` are those it reads or writes."""

    sql: str
    tables: tuple[str, ...]


def usages(texts: Iterable[tuple[str, Text]], language: str, locate: Locate) -> Iterator[Usage]:
    """One for each text that is a query of its own.

    A text comes with the name of what runs it, since one file may speak to two databases; `maybe` are the tables of all
    queries in the file that go the same way.
    """
    found = [(receiver, text, query) for receiver, text in texts if (query := read_query(text.text, language))]
    known: dict[str, dict[str, None]] = {}
    for receiver, _, query in found:
        known.setdefault(receiver, {}).update(dict.fromkeys(query.tables))
    for receiver, text, query in found:
        at = locate(text.start, text.end + 1)
        others = tuple(known[receiver])
        yield Usage(What.QUERY, query.sql, at, language, "sql", action="query", names=query.tables, maybe=others)


def read_query(text: str, language: str) -> Query | None:
    """None for what is no query, or none that can be told without running the code."""
    if len(text) > _LONGEST or not _STATEMENT.match(text):
        return None
    sql = with_parameters(text, language)
    tables = _tables(sql) if sql else None
    return Query(sql, tables) if sql and tables else None


def with_parameters(text: str, language: str) -> str | None:
    """None where a part of a name is not known."""
    numbered: dict[str, int] = {}
    count = max((int(number) for number in re.findall(r"\$(\d+)", text)), default=0)
    parts: list[str] = []
    position = 0
    for token in _TOKENS.finditer(text):
        parts.append(text[position : token.start()])
        position = token.end()
        written = token[0]
        if token["quoted"] is not None:
            if HOLE in written and not written.startswith("'"):
                return None
            parts.append(written.replace(HOLE, "0"))
        elif token["comment"] is not None:
            parts.append(re.sub(r"[^\n]", " ", written))
        elif token["numbered"] is not None or (token["python"] is not None and language != "python"):
            parts.append(written)
        elif token["hole"] is not None:
            around = text[max(0, token.start() - 1) : token.start()] + text[token.end() : token.end() + 1]
            if re.search(r"[\w.\"$]", around):
                return None
            count += 1
            parts.append(f"${count}")
        else:
            name = token["python_name"] or token["name"] or str(token.start())
            if name not in numbered:
                count += 1
                numbered[name] = count
            parts.append(f"${numbered[name]}")
    # Line breaks at both ends stay: the server's errors are found by their lines.
    return re.sub(r";(\s*)\Z", r"\1", "".join([*parts, text[position:]]))


def _tables(sql: str) -> tuple[str, ...] | None:
    """Names as written, with their schema where one is given; None for what sqlglot cannot read either."""
    import logging

    import sqlglot
    from sqlglot import exp

    logging.getLogger("sqlglot").setLevel(logging.ERROR)
    try:
        parsed = sqlglot.parse(sql, dialect="postgres")
    except (sqlglot.errors.SqlglotError, RecursionError):
        return None
    if len(parsed) != 1 or parsed[0] is None:
        return None
    tree = parsed[0]
    own = {each.alias_or_name for each in tree.find_all(exp.CTE)}
    found = (f"{each.db}.{each.name}" if each.db else each.name for each in tree.find_all(exp.Table) if each.name)
    return tuple(dict.fromkeys(name for name in found if name not in own))
