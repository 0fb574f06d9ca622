"""The text of a PL/pgSQL body: its SQL statements and expressions, its variables, the relations that it names.

Read by tokens, as far as they can be told for sure; the server has the last word about what is in it. libpg_query's own
reader of PL/pgSQL answers with broken JSON for every trigger function.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from pgassay.model import Statement
from pgassay.sql import grammar
from pgassay.sql.grammar import GrammarError, Token

_STARTS = frozenset({"insert", "update", "delete", "select", "with", "merge"})
_BETWEEN = (",", ".", "strict")
_HEADS = frozenset({"begin", "else", "loop", "exception"})
_SEMICOLON = "ASCII_59"


class Piece(Struct, frozen=True):
    """SQL of a body. `text` begins with `added` characters that the body has not, and what follows is its own from
    `offset` on, with spaces for what only PL/pgSQL knows. `statement` is where the PL/pgSQL statement begins."""

    offset: int
    text: str
    statement: int
    added: int = 0


class Variables(Struct, frozen=True):
    """`types` as declared, by name; `unclear` are names whose type nobody tells, `filled` those that get a value."""

    types: dict[str, str]
    unclear: frozenset[str]
    filled: frozenset[str]


class Named(Struct, frozen=True):
    """A relation in a body, the columns of it that are written, and where in the body the statement begins."""

    schema: str | None
    relation: str
    columns: tuple[str, ...]
    offset: int


def body_of(statement: Statement) -> tuple[str, int] | None:
    """The text of a PL/pgSQL function, and where it begins in the statement."""
    if type(statement.tree).__name__ != "CreateFunctionStmt":
        return None
    options = {option.def_elem.defname: option.def_elem.arg for option in statement.tree.options}
    if "as" not in options or "language" not in options or options["language"].string.sval.lower() != "plpgsql":
        return None
    text = options["as"].list.items[0].string.sval
    offset = statement.text.find(text)
    return (text, offset) if text and offset >= 0 else None


def named(body: str) -> Iterator[Named]:
    """Every relation that a statement of the body names."""
    for piece in pieces(body, expressions=False):
        try:
            parsed = grammar.parse(piece.text)
        except GrammarError:
            continue
        if len(parsed) == 1:
            for schema, relation, columns in relations(parsed[0].tree):
                yield Named(schema, relation, columns, piece.offset)


def pieces(body: str, *, expressions: bool = True) -> list[Piece]:
    """The SQL of the body, in its order; with the conditions, assigned values and results if `expressions` says so."""
    try:
        tokens = [token for token in grammar.scan(body) if not token.is_comment]
    except GrammarError:
        return []
    found: list[Piece] = []
    for segment in _segments(tokens):
        found += _pieces(body, segment, expressions)
    return found


def variables(body: str) -> Variables:
    """What the body declares, in whatever block, and what it only assigns or loops over."""
    try:
        tokens = [token for token in grammar.scan(body) if not token.is_comment]
    except GrammarError:
        return Variables({}, frozenset(), frozenset())
    types: dict[str, str] = {}
    unknown: set[str] = set()
    filled: set[str] = set()
    for segment in _segments(tokens):
        words = _words(body, segment)
        for n, word in enumerate(words):
            if word in ("for", "foreach") and "in" in words[n:]:
                unknown |= {each for each in words[n + 1 : words.index("in", n)] if each not in (",", ".", "slice")}
            elif word == "into" and words[n - 1 : n] not in (["insert"], ["merge"]):
                filled |= set(words[n + 1 : _after_into(words, n)]) - {*_BETWEEN}
            elif word == ":=" and n:
                filled.add(words[n - 1])
    for segment in _declarations(body, tokens):
        words = _words(body, segment)
        typed = _declared_type(body, segment, words)
        if typed is None:
            unknown |= {*words}
        elif types.setdefault(words[0], typed) != typed:
            unknown.add(words[0])
    # A loop may go by a variable that is declared, and then again it may hide it.
    known = {name: typed for name, typed in types.items() if name not in unknown}
    return Variables(known, frozenset(unknown), frozenset(filled))


def _declarations(body: str, tokens: list[Token]) -> Iterator[list[Token]]:
    inside: list[Token] | None = None
    for token in tokens:
        word = body[token.start : token.end].lower()
        if word == "declare":
            inside = []
        elif inside is not None and word == "begin" and not inside:
            inside = None
        elif inside is not None and token.kind == _SEMICOLON:
            if inside:
                yield inside
            inside = []
        elif inside is not None:
            inside.append(token)


def _declared_type(body: str, segment: list[Token], words: list[str]) -> str | None:
    start = 2 if words[1:2] == ["constant"] else 1
    end = start
    while end < len(words) and words[end] not in (":=", "=", "default", "not", "collate"):
        end += 1
    if end == start or "cursor" in words[1:] or words[start] in ("record", "alias", "refcursor"):
        return None
    text = body[segment[start].start : segment[end - 1].end]
    # A row of a table: its type has the table's name.
    return text[: segment[end - 2].start - segment[start].start] if words[end - 2 : end] == ["%", "rowtype"] else text


def _segments(tokens: list[Token]) -> Iterator[list[Token]]:
    segment: list[Token] = []
    for token in tokens:
        if token.kind == _SEMICOLON:
            yield segment
            segment = []
        else:
            segment.append(token)


def _words(body: str, tokens: list[Token]) -> list[str]:
    texts = (body[token.start : token.end] for token in tokens)
    return [text[1:-1].replace('""', '"') if text[:1] == '"' else text.lower() for text in texts]


def _pieces(body: str, tokens: list[Token], expressions: bool) -> Iterator[Piece]:
    """One statement that a semicolon ends, without what only PL/pgSQL knows of it."""
    words = _words(body, tokens)
    if words[:1] == ["declare"]:
        # Everything up to BEGIN is read elsewhere, and BEGIN itself stands in a segment of its own.
        return
    while words:
        start = tokens[0].start
        if words[0] in _HEADS:
            cut = 1
        elif words[:2] == ["<", "<"] or words[0] == "<<":
            cut = 1 + next((n for n, word in enumerate(words) if word in (">", ">>")), len(words))
            cut += words[cut : cut + 1] == [">"]
        elif words[0] in ("if", "elsif", "elseif", "when", "while"):
            cut = _past(words, "loop" if words[0] == "while" else "then")
            if expressions and words[0] != "when" and cut < len(words):
                yield _expression(body, tokens[1 : cut - 1], start)
        elif words[0] == "foreach":
            cut = _past(words, "loop")
        elif words[0] == "for" and "in" in words:
            cut = words.index("in") + 1
            end = _past(words, "loop")
            yield from _pieces(body, tokens[cut : end - 1], False)
            cut = end
        else:
            break
        tokens, words = tokens[cut:], words[cut:]
    if not words:
        return
    start = tokens[0].start
    if words[:2] == ["return", "query"]:
        tokens, words = tokens[2:], words[2:]
    elif words[0] == "perform":
        # As long as `select `, so that what follows keeps its place.
        yield Piece(start, "select " + body[tokens[0].end : tokens[-1].end], start)
        return
    elif expressions and words[0] == "return" and words[1:] and words[1] != "next":
        yield _expression(body, tokens[1:], start)
        return
    elif expressions and ":=" in words[1:6] and words[0] not in _STARTS:
        sign = words.index(":=")
        if words[0] in ("new", "old"):
            yield _expression(body, tokens[:sign], start)
        yield _expression(body, tokens[sign + 1 :], start)
        return
    if words and words[0] in _STARTS:
        yield Piece(tokens[0].start, _without_into(body, tokens, words), start)


def _expression(body: str, tokens: list[Token], statement: int) -> Piece:
    if not tokens:
        return Piece(statement, "select", statement, 6)
    return Piece(tokens[0].start, "select " + body[tokens[0].start : tokens[-1].end], statement, 7)


def _past(words: list[str], wanted: str) -> int:
    """Behind the first such word that is not part of a CASE expression."""
    depth = 0
    for n, word in enumerate(words):
        depth += {"case": 1, "end": -1}.get(word, 0)
        if word == wanted and depth <= 0:
            return n + 1
    return len(words)


def _without_into(body: str, tokens: list[Token], words: list[str]) -> str:
    """`select a into b from t` reads `select a        from t`: spaces keep every place."""
    depth = 0
    for n, word in enumerate(words):
        depth += {"(": 1, ")": -1}.get(word, 0)
        if depth == 0 and word == "into" and n and words[n - 1] not in ("insert", "merge"):
            end = _after_into(words, n)
            start, stop = tokens[n].start, tokens[end].start if end < len(tokens) else tokens[-1].end
            blank = "".join("\n" if char == "\n" else " " for char in body[start:stop])
            return body[tokens[0].start : start] + blank + body[stop : tokens[-1].end]
    return body[tokens[0].start : tokens[-1].end]


def _after_into(words: list[str], into: int) -> int:
    end = into + 1
    while end < len(words) and (words[end] in _BETWEEN or words[end - 1] in ("into", *_BETWEEN)):
        end += 1
    return end


def relations(tree: Any) -> Iterator[tuple[str | None, str, tuple[str, ...]]]:
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
