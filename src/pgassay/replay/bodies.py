"""What the PL/pgSQL bodies of a change name and nobody has: a relation, or a column that is written.

The server looks into such a body when it is first executed and no earlier. Read here are only names that cannot be
variables: relations, the columns of INSERT and those that UPDATE sets. What a body builds as text stays unread, and one
that makes tables, or minds that something may be missing, is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from pgassay.model import MissingInBody, Statement, Step
from pgassay.postgres.look import look
from pgassay.postgres.session import Session
from pgassay.sql import grammar, names
from pgassay.sql.grammar import GrammarError, Token

# Of extensions and services: the throwaway server need not have all that production has there.
_FOREIGN = frozenset(
    "auth storage realtime vault cron net pgmq graphql graphql_public extensions supabase_functions pgsodium "
    "information_schema pg_catalog".split()
)
_CAUTIOUS = re.compile(
    r"\bcreate\s+(?:local\s+|global\s+|unlogged\s+)*(?:temp|temporary|table|unlogged)\b|\bundefined_(?:table|column)\b"
    r"|\bwhen\s+others\b|to_regclass|information_schema|pg_catalog\.|\bpg_(?:class|tables)\b|\bset_config\b|\bset\s+local\b",
    re.I,
)
_FUNCTION = """
select p.prosrc, array(select option_value from pg_options_to_table(p.proconfig) where option_name = 'search_path'),
       array(select unnest(array[t.tgnewtable, t.tgoldtable])::text from pg_trigger t where t.tgfoid = p.oid)
from pg_proc p join pg_namespace n on n.oid = p.pronamespace
where p.proname = %s and (%s::text is null or n.nspname = %s) and p.prosrc = %s
"""
_RELATIONS = """
select n.nspname::text, c.relname::text,
       array(select a.attname::text from pg_attribute a where a.attrelid = c.oid and not a.attisdropped)
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relname = any (%s) and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
"""
_STARTS = frozenset({"insert", "update", "delete", "select", "with", "merge"})
_BETWEEN = (",", ".", "strict")
_HEADS = frozenset({"begin", "declare", "else", "loop", "exception"})


class Named(Struct, frozen=True):
    """A relation in a body, the columns of it that are written, and where in the body the statement begins."""

    schema: str | None
    relation: str
    columns: tuple[str, ...]
    offset: int


def examined(session: Session, steps: list[Step], failed: list[Statement]) -> list[Step]:
    """The steps with what their functions name in vain, by the catalog as it is now.

    `failed` are statements that did not run here. A relation that they speak of may have another shape in production;
    one that is not there at all may have been made in a way that nobody wrote down.
    """
    broken = "\n".join(statement.text.lower() for statement in failed)
    told: list[Step] = []
    for step in steps:
        missing = _missing(session, step.statement) if step.error is None else ()
        sure = (each for each in missing if not failed or (each.column and not _speaks_of(broken, each.relation)))
        told.append(replace(step, missing_in_body=tuple(sure)))
    return told


def _speaks_of(text: str, relation: str) -> bool:
    return re.search(rf"\b{re.escape(relation.rpartition('.')[2].lower())}\b", text) is not None


def _missing(session: Session, statement: Statement) -> Iterator[MissingInBody]:
    found = _body(statement)
    if found is None or _CAUTIOUS.search(found[0]):
        return
    body, offset = found
    *schema, name = names.strings(statement.tree.funcname)
    home = schema[-1] if schema else None
    there = look(session, _FUNCTION, (name, home, home, body))
    if not there:
        # Replaced or dropped by a later statement.
        return
    ((_, path, transition),) = there[:1]
    searched = [part.strip().strip('"') for part in path[0].split(",")] if path else None
    named = [each for each in _named(body) if each.relation not in transition and each.schema not in _FOREIGN]
    relations = look(session, _RELATIONS, ([each.relation for each in named],)) if named else []
    told: set[tuple[str, str | None]] = set()
    for each in named:
        anywhere = [row for row in relations if row[1] == each.relation]
        reachable = [
            row
            for row in anywhere
            if (row[0] == each.schema if each.schema else searched is None or row[0] in (*searched, "pg_catalog"))
        ]
        display = names.display(each.schema, each.relation)
        absent: list[str | None] = [None] if not reachable else []
        if len(reachable) == 1:
            absent = [column for column in each.columns if column not in reachable[0][2]]
        for column in absent:
            if (display, column) not in told:
                told.add((display, column))
                lost = anywhere and not each.schema and not reachable
                elsewhere = f"{anywhere[0][0]}.{each.relation}" if lost else None
                yield MissingInBody(display, offset + each.offset, column, elsewhere, path[0] if path else None)


def _body(statement: Statement) -> tuple[str, int] | None:
    """The text of a PL/pgSQL function, and where it begins in the statement."""
    if type(statement.tree).__name__ != "CreateFunctionStmt":
        return None
    options = {option.def_elem.defname: option.def_elem.arg for option in statement.tree.options}
    if "as" not in options or "language" not in options or options["language"].string.sval.lower() != "plpgsql":
        return None
    text = options["as"].list.items[0].string.sval
    offset = statement.text.find(text)
    return (text, offset) if text and offset >= 0 else None


def _named(body: str) -> Iterator[Named]:
    try:
        tokens = [token for token in grammar.scan(body) if not token.is_comment]
    except GrammarError:
        return
    for start, sql in _statements(body, tokens):
        try:
            parsed = grammar.parse(sql)
        except GrammarError:
            continue
        if len(parsed) == 1:
            for schema, relation, columns in _relations(parsed[0].tree):
                yield Named(schema, relation, columns, start)


def _statements(body: str, tokens: list[Token]) -> Iterator[tuple[int, str]]:
    """The SQL statements of a body and where each begins, without what only PL/pgSQL knows of them."""
    segment: list[Token] = []
    for token in tokens:
        if token.kind == "ASCII_59":
            yield from _statement(body, segment)
            segment = []
        else:
            segment.append(token)


def _statement(body: str, tokens: list[Token]) -> Iterator[tuple[int, str]]:
    words = [body[token.start : token.end].lower() for token in tokens]
    while words:
        if words[0] in _HEADS:
            cut = 1
        elif words[0] in ("if", "elsif", "elseif", "when"):
            cut = _past(words, "then")
        elif words[0] in ("while", "foreach"):
            cut = _past(words, "loop")
        elif words[0] == "for" and "in" in words:
            cut = words.index("in") + 1
            end = _past(words, "loop")
            yield from _statement(body, tokens[cut : end - 1])
            cut = end
        else:
            break
        tokens, words = tokens[cut:], words[cut:]
    prefix = ""
    if words[:2] == ["return", "query"]:
        tokens, words = tokens[2:], words[2:]
    elif words[:1] == ["perform"]:
        tokens, words, prefix = tokens[1:], words[1:], "select "
    if words and (prefix or words[0] in _STARTS):
        yield tokens[0].start, prefix + _without_into(body, tokens, words)


def _past(words: list[str], wanted: str) -> int:
    """Behind the first such word that is not part of a CASE expression."""
    depth = 0
    for n, word in enumerate(words):
        depth += {"case": 1, "end": -1}.get(word, 0)
        if word == wanted and depth <= 0:
            return n + 1
    return len(words)


def _without_into(body: str, tokens: list[Token], words: list[str]) -> str:
    """`select a into b, c from t` reads `select a from t`, `... returning id into b` ends before its INTO."""
    depth = 0
    for n, word in enumerate(words):
        depth += {"(": 1, ")": -1}.get(word, 0)
        if depth == 0 and word == "into" and n and words[n - 1] not in ("insert", "merge"):
            end = n + 1
            while end < len(words) and (words[end] in _BETWEEN or words[end - 1] in ("into", *_BETWEEN)):
                end += 1
            tail = body[tokens[end].start : tokens[-1].end] if end < len(tokens) else ""
            return f"{body[tokens[0].start : tokens[n - 1].end]} {tail}"
    return body[tokens[0].start : tokens[-1].end]


def _relations(tree: Any) -> Iterator[tuple[str | None, str, tuple[str, ...]]]:
    """Every relation that the statement reads or writes. Not by recursion: a tree may be deeper than Python's stack."""
    waiting, known = [tree], set()
    found: list[tuple[Any, tuple[str, ...]]] = []
    while waiting:
        message = waiting.pop()
        match type(message).__name__:
            case "CommonTableExpr":
                known.add(message.ctename)
            case "RangeVar":
                found.append((message, ()))
            case "InsertStmt":
                written = [each.res_target.name for each in message.cols]
                if message.HasField("on_conflict_clause"):
                    written += [each.res_target.name for each in message.on_conflict_clause.target_list]
                found.append((message.relation, tuple(written)))
            case "UpdateStmt":
                found.append((message.relation, tuple(each.res_target.name for each in message.target_list)))
            case "IntoClause" | "LockingClause":
                # Variables, and aliases.
                continue
        for field, value in message.ListFields():
            if field.message_type:
                waiting += value if field.is_repeated else [value]
    for relation, columns in found:
        if relation.schemaname or relation.relname not in known:
            yield relation.schemaname or None, relation.relname, columns
