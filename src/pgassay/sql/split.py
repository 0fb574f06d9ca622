"""Text to statements: parsed whole when the grammar accepts it, else split by the scanner and parsed piece by piece."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress

from msgspec.structs import replace

from pgassay.model import Statement, SyntaxProblem
from pgassay.sql import grammar
from pgassay.sql.grammar import Bytes, GrammarError, Token
from pgassay.sql.positions import Lines
from pgassay.sql.tags import command_tag

# What the server takes for white space and for the end of a line: a no-break space, say, is part of a word to it.
_SPACE = " \t\n\r\f\v"
_BLANK = re.compile(r"(?:[ \t\n\r\f\v]+|--[^\n\r]*)+")
_AFTER_BODY = frozenset(
    ["", *"LANGUAGE IMMUTABLE STABLE VOLATILE STRICT CALLED SECURITY PARALLEL COST ROWS SET LEAKPROOF".split()]
)
_BAD_WORD = re.compile(r"\"\"|[\w.$\x80-\U0010ffff]+|[-+*/<>=~!@#%^&|`?]+")
_MOST_BAD_WORDS = 100
_COMMENT_EDGE = re.compile(r"/\*|\*/")
# What can follow a torn function body but hardly stands in one at the start of a line.
_STARTS = re.compile(r"(?:alter|comment|create|do|drop|grant|revoke)\b", re.I)
_BODY = re.compile(r"(?:create\s+(?:or\s+replace\s+)?(?:function|procedure)|do)\b", re.I)
_PSQL = re.compile(
    r"^copy\b[^;]*\bfrom\s+stdin\b(?:[^;']|'[^']*')*;[^\n]*\n(?P<rows>.*?^\\\.[^\n]*)|^(?P<command>\\[a-z!?][^\n]*)",
    re.I | re.M | re.S,
)
_ONLY_PSQL = {
    "rows": "rows of COPY FROM stdin, which only psql sends",
    "command": "a psql meta-command, which no server understands",
}


def statements(path: str, text: str) -> tuple[Statement, ...]:
    lines = Lines(path, text)
    try:
        return tuple(_parsed(text, lines))
    except GrammarError:
        return _piece_by_piece(text, lines)


def _parsed(text: str, lines: Lines) -> Iterator[Statement]:
    place = Bytes(text)
    for parsed in grammar.parse(text):
        between = place.to_character(parsed.start)
        end = place.to_character(parsed.start + parsed.length)
        start = _skip_blank(text, between)
        end = _last_character(text, start, end)
        skipped = text[between:start]
        origin = parsed.start + (len(skipped) if skipped.isascii() else len(skipped.encode()))
        yield Statement(
            text=text[start:end],
            location=lines.location(start, end),
            kind=command_tag(parsed.tree),
            start=start,
            tree=parsed.tree,
            tree_origin=origin,
        )


def _skip_blank(text: str, position: int) -> int:
    """The first character that is neither white space nor in a comment; block comments nest.

    A comment that is never closed is not skipped: the server refuses it.
    """
    while True:
        blank = _BLANK.match(text, position)
        if blank:
            position = blank.end()
        elif text.startswith("/*", position):
            depth = 0
            for edge in _COMMENT_EDGE.finditer(text, position):
                depth += 1 if edge[0] == "/*" else -1
                if not depth:
                    position = edge.end()
                    break
            else:
                return position
        else:
            return position


def _last_character(text: str, start: int, end: int) -> int:
    """Where the statement ends without the comments and the white space that follow it."""
    piece = text[start:end]
    if "--" in piece or "/*" in piece:
        with suppress(GrammarError):
            tokens = [token for token in grammar.scan(piece) if not token.is_comment]
            return start + tokens[-1].end if tokens else end
    return start + len(piece.rstrip(_SPACE))


def _piece_by_piece(text: str, lines: Lines) -> tuple[Statement, ...]:
    text, foreign = _without_psql(text, lines)
    good: list[Statement] = []
    broken: list[Statement] = []
    for start, end in _pieces(text):
        for statement in _parse_piece(text, start, end, lines):
            (broken if statement.problem else good).append(statement)
    if not good and not foreign and len(broken) > 1:
        return (_not_sql(text, broken[0], lines),)
    ordered = sorted([*good, *broken, *foreign], key=lambda statement: statement.start)
    return tuple(_merge_wrecks(ordered, text, lines))


def _merge_wrecks(ordered: list[Statement], text: str, lines: Lines) -> Iterator[Statement]:
    """One problem for a function body that a wrong quote has torn into pieces, not one for each of its lines.

    What looks like a statement in the middle of such a body is part of the wreck: it may not run on its own.
    """
    wreck: Statement | None = None
    torn = False
    for statement in ordered:
        begins = _STARTS.match(statement.text) and statement.location.start_column == 1
        if wreck and not begins and (torn or not _is_statement(statement)):
            end = statement.start + len(statement.text)
            wreck = replace(wreck, text=text[wreck.start : end], location=lines.location(wreck.start, end))
            continue
        if wreck:
            yield wreck
        wreck = statement if statement.problem else None
        torn = statement.problem is not None and _is_torn(statement.text)
        if not wreck:
            yield statement
    if wreck:
        yield wreck


def _is_torn(text: str) -> bool:
    """Whether a broken function may go on behind its semicolon: its body does not end where an option or nothing is."""
    if not _BODY.match(text):
        return False
    tokens = _scanned(text)
    follows = [*(token.kind for token in tokens[1:]), ""]
    for n, token in enumerate(tokens):
        if token.kind == "SCONST" and (tokens[n - 1].kind == "AS" or tokens[0].kind == "DO"):
            return follows[n] not in _AFTER_BODY
    return True


def _is_statement(statement: Statement) -> bool:
    """Parsed, or at least not indented: a broken statement of its own rather than a piece of one."""
    return not statement.problem or statement.location.start_column == 1


def _parse_piece(text: str, start: int, end: int, lines: Lines) -> Iterator[Statement]:
    start = _skip_blank(text, start)
    piece = text[start : _last_character(text, start, end)]
    if not piece:
        return
    try:
        parsed = grammar.parse(piece)
    except GrammarError as error:
        halves = _resplit(piece)
        if len(halves) > 1:
            for left, right in halves:
                yield from _parse_piece(text, start + left, start + right, lines)
            return
        at = start + min(error.offset, len(piece) - 1)
        yield _broken(piece, start, error.message, at, lines)
        return
    for only in parsed:
        yield Statement(piece, lines.location(start, start + len(piece)), command_tag(only.tree), start, only.tree)


def _broken(piece: str, start: int, message: str, at: int, lines: Lines) -> Statement:
    word = re.match(r"\w+", piece)
    kind = word[0].upper() if word else ""
    stop = at + len((re.match(r"\w+|\S", piece[at - start :]) or [" "])[0])
    problem = SyntaxProblem(message, lines.location(at, stop))
    return Statement(piece, lines.location(start, start + len(piece)), kind, start, problem=problem)


def _not_sql(text: str, first: Statement, lines: Lines) -> Statement:
    """One problem for a file of which nothing can be read, instead of one for each of its pieces."""
    stripped = text[first.start :].rstrip()
    assert first.problem
    problem = SyntaxProblem(f"no statement of this file is PostgreSQL: {first.problem.message}", first.problem.location)
    location = lines.location(first.start, first.start + len(stripped))
    return Statement(stripped, location, first.kind, first.start, problem=problem)


def _pieces(text: str) -> list[tuple[int, int]]:
    """Spans between the semicolons that end a statement; a quote that is never closed takes the rest of the file."""
    ends = [*_ends(_scanned(text)), len(text)]
    return list(zip([0, *(end + 1 for end in ends[:-1])], ends, strict=True))


def _scanned(text: str) -> list[Token]:
    """The tokens up to a quote that is never closed, without words that the scanner takes for none (`1abc`)."""
    tokens: list[Token] = []
    position = 0
    for _ in range(_MOST_BAD_WORDS):
        try:
            return tokens + _shifted(grammar.scan(text[position:]), position)
        except GrammarError as error:
            stop = error.offset
            word = None if "unterminated" in error.message else _BAD_WORD.match(text, position + stop)
        try:
            tokens += _shifted(grammar.scan(text[position : position + stop]), position)
        except GrammarError as error:
            # The bad word stands in a quote; where that ends is anybody's guess.
            return tokens + _shifted(grammar.scan(text[position : position + error.offset]), position)
        if not word:
            break
        position = word.end()
    return tokens


def _shifted(tokens: list[Token], offset: int) -> list[Token]:
    return [Token(token.kind, token.start + offset, token.end + offset) for token in tokens] if offset else tokens


def _ends(tokens: list[Token]) -> Iterator[int]:
    """Offsets of the semicolons outside parentheses and outside the body of a `BEGIN ATOMIC` function."""
    parentheses = blocks = 0
    previous = ""
    for token in tokens:
        match token.kind:
            case "ASCII_40":
                parentheses += 1
            case "ASCII_41":
                parentheses = max(parentheses - 1, 0)
            case "ATOMIC" if previous == "BEGIN":
                blocks = 1
            case "CASE" if blocks:
                blocks += 1
            case "END" if blocks:
                blocks -= 1
            case "ASCII_59" if not parentheses and not blocks:
                yield token.start
        if not token.is_comment:
            previous = token.kind


def _resplit(piece: str) -> list[tuple[int, int]]:
    """At every semicolon: for a piece whose own parentheses or blocks do not add up."""
    try:
        ends = [token.start for token in grammar.scan(piece) if token.kind == "ASCII_59"]
    except GrammarError:
        return []
    return list(zip([0, *(end + 1 for end in ends)], [*ends, len(piece)], strict=True)) if ends else []


def _without_psql(text: str, lines: Lines) -> tuple[str, list[Statement]]:
    """Blanks out what only psql understands (meta-commands, rows after COPY FROM stdin), and names each.

    The same characters inside a quote or a comment mean nothing to psql either.
    """
    foreign = []
    position = outside = 0
    while found := _PSQL.search(text, position):
        position = found.start() + 1
        if not _is_whole(text[outside : found.start()]):
            continue
        what = "rows" if found["rows"] else "command"
        start, position = found.span(what)
        outside = position
        piece = found[what].rstrip(_SPACE)
        broken = _broken(piece, start, _ONLY_PSQL[what], start, lines)
        assert broken.problem
        foreign.append(replace(broken, problem=replace(broken.problem, only_psql=True)))
        text = text[:start] + re.sub(r"[^\n]", " ", found[what]) + text[position:]
    return text, foreign


def _is_whole(text: str) -> bool:
    """Whether every quote and comment of the text is closed."""
    try:
        grammar.scan(text)
    except GrammarError as error:
        return "unterminated" not in error.message
    return True
