"""The spot inside a long statement that a finding means: one column, one constraint, one `DROP COLUMN x`.

libpg_query gives no location for the commands of ALTER TABLE nor for the names of DROP, so these come from the tokens:
the n-th part between commas outside brackets belongs to the n-th node.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from pgassay.model import Location, Statement
from pgassay.sql import grammar, names
from pgassay.sql.grammar import GrammarError, Token
from pgassay.sql.positions import tree_offset, within


class Part(Struct, frozen=True):
    """One element of CREATE TABLE, one command of ALTER TABLE or one object of DROP. Offsets are into the statement."""

    node: Any
    start: int
    end: int


class Anchor(Struct, frozen=True):
    """What to look for: the kind as pg_identify_object names it, the object's own name, its table and its columns.

    `words` are keywords within that spot (`ON DELETE CASCADE`) that matter more than the rest of it.
    """

    kind: str
    name: str
    table: str | None = None
    columns: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


def parts(statement: Statement) -> tuple[Part, ...]:
    """Empty for statements that have none, or whose commas do not add up with the tree."""
    match type(statement.tree).__name__:
        case "CreateStmt":
            nodes, opened = statement.tree.table_elts, True
        case "AlterTableStmt":
            nodes, opened = statement.tree.cmds, False
        case "DropStmt":
            nodes, opened = statement.tree.objects, False
        case _:
            return ()
    spans = _between_commas(_tokens(statement), inside_parentheses=opened)
    if len(spans) != len(nodes):
        return ()
    unwrapped = (getattr(node, node.WhichOneof("node")) for node in nodes)
    found = [Part(node, start, end) for node, (start, end) in zip(unwrapped, spans, strict=True)]
    if not opened and found:
        found[0] = Part(found[0].node, _after_head(statement, found[0]), found[0].end)
    return tuple(found)


def part_location(statement: Statement, part: Part) -> Location:
    return within(statement, part.start, part.end)


def find_constraint(statement: Statement, name: str) -> Location | None:
    """Where the statement defines a constraint, be its name written there or made up by the server."""
    if statement.kind not in ("CREATE TABLE", "ALTER TABLE") or statement.tree is None:
        return None
    anchor = Anchor("table constraint", name, statement.tree.relation.relname)
    span = _column_or_constraint(statement, anchor)
    return within(statement, *span) if span else None


def find(statement: Statement, anchor: Anchor) -> Location:
    """The best spot for the anchor; the whole statement where it says nothing of it (a DO block, a function)."""
    if statement.tree is None:
        return statement.location
    span = _column_or_constraint(statement, anchor)
    if span and anchor.words:
        span = words(statement, *span, *anchor.words) or span
    span = span or _head(statement)
    return within(statement, *span) if span else statement.location


def words(statement: Statement, start: int, end: int, *wanted: str) -> tuple[int, int] | None:
    """The span of consecutive keywords (`ON`, `DELETE`, `CASCADE`) between two offsets of the statement."""
    tokens = [token for token in _tokens(statement) if start <= token.start < end]
    for i in range(len(tokens) - len(wanted) + 1):
        if all(tokens[i + n].kind == word for n, word in enumerate(wanted)):
            return tokens[i].start, tokens[i + len(wanted) - 1].end
    return None


def _column_or_constraint(statement: Statement, anchor: Anchor) -> tuple[int, int] | None:
    for part in parts(statement):
        if anchor.kind == "table column" and getattr(part.node, "name", None) == anchor.name:
            return part.start, part.end
        for node, start, end in _definitions(statement, part):
            kind = type(node).__name__
            if kind == "ColumnDef" and anchor.kind == "table column" and node.colname == anchor.name:
                return start, end
            if kind == "Constraint" and anchor.kind == "table constraint" and _is_constraint(node, part, anchor):
                return start, end
    return None


def _definitions(statement: Statement, part: Part) -> Iterator[tuple[Any, int, int]]:
    """Column definitions and constraints of one part, with their spans; a column's constraints before the column."""
    node = part.node
    if type(node).__name__ == "AlterTableCmd":
        definition = getattr(node, "def")
        kind = definition.WhichOneof("node")
        if kind is None:
            return
        node = getattr(definition, kind)
    if type(node).__name__ == "ColumnDef":
        constraints = [item.constraint for item in node.constraints]
        starts = [tree_offset(statement, constraint.location) for constraint in constraints]
        ends = [*starts, part.end][1:]
        tokens = _tokens(statement) if constraints else []
        for constraint, start, end in zip(constraints, starts, ends, strict=True):
            yield constraint, start, max(token.end for token in tokens if token.end <= end)
    yield node, part.start, part.end


def _is_constraint(node: Any, part: Part, anchor: Anchor) -> bool:
    if node.conname:
        return bool(node.conname == anchor.name)
    kind = _constraint_type(node)
    suffix = _MADE_UP_SUFFIXES.get(kind)
    if suffix is None:
        return False
    if kind == "CONSTR_CHECK":
        columns = tuple(sorted(columns_used(node)))
        in_name = len(columns) == 1
    else:
        columns = names.strings(node.fk_attrs) or names.strings(node.keys) or (_column_name(part.node),)
        in_name = kind != "CONSTR_PRIMARY"
    if anchor.columns:
        return sorted(columns) == sorted(anchor.columns) and suffix in anchor.name
    return "_".join((anchor.table or "", *(columns if in_name else ()))) + suffix == anchor.name


def columns_used(node: Any) -> set[str]:
    """Names of columns anywhere below. Not by recursion: a tree may be deeper than Python's stack."""
    found: set[str] = set()
    waiting = [node]
    while waiting:
        message = waiting.pop()
        if type(message).__name__ == "ColumnRef":
            found.update(names.strings(message.fields)[-1:])
            continue
        for field, value in message.ListFields():
            if field.message_type:
                waiting += value if field.is_repeated else [value]
    return found


# How PostgreSQL ends the name that it makes up for a constraint (ChooseConstraintName).
_MADE_UP_SUFFIXES = {
    "CONSTR_FOREIGN": "_fkey",
    "CONSTR_PRIMARY": "_pkey",
    "CONSTR_UNIQUE": "_key",
    "CONSTR_CHECK": "_check",
}


def _column_name(node: Any) -> str:
    if type(node).__name__ == "AlterTableCmd":
        return str(getattr(node, "def").column_def.colname)
    return str(getattr(node, "colname", ""))


def _constraint_type(node: Any) -> str:
    field = node.DESCRIPTOR.fields_by_name["contype"]
    return str(field.enum_type.values_by_number[node.contype].name)


def _head(statement: Statement) -> tuple[int, int] | None:
    """`create table x`, `alter table x`: from the first word to the end of the name, when both stand on one line."""
    tree = statement.tree
    first_line = statement.text.split("\n", 1)[0].rstrip()
    for field in ("relation", "view", "table", "into"):
        if field in tree.DESCRIPTOR.fields_by_name and tree.HasField(field):
            node = getattr(tree, field)
            span = _name_span(statement, node.rel if field == "into" else node)
            if span and span[0] and type(tree).__name__ in _ON_A_TABLE:
                return 0, len(first_line)
            return span
    return (0, len(first_line)) if len(first_line) < len(statement.text) else None


# Their own name comes before that of the table, and is the better spot when the two are on different lines.
_ON_A_TABLE = frozenset({"CreatePolicyStmt", "AlterPolicyStmt", "CreateTrigStmt", "IndexStmt", "RuleStmt"})


def relation_span(statement: Statement, range_var: Any) -> tuple[int, int] | None:
    """Offsets of a possibly qualified name as it is written in the statement."""
    start = tree_offset(statement, range_var.location)
    tokens = [token for token in _tokens(statement) if token.start >= start]
    last = 0
    while last + 2 < len(tokens) and tokens[last + 1].kind == "ASCII_46":
        last += 2
    return (start, tokens[last].end) if tokens else None


def _name_span(statement: Statement, range_var: Any) -> tuple[int, int] | None:
    span = relation_span(statement, range_var)
    if span and "\n" not in statement.text[: span[0]]:
        return 0, span[1]
    return span


def _after_head(statement: Statement, part: Part) -> int:
    """Where the first command or name begins, past `alter table only x` or `drop table if exists`."""
    tree = statement.tree
    tokens = [token for token in _tokens(statement) if token.end <= part.end]
    if type(tree).__name__ == "AlterTableStmt":
        named = _name_span(statement, tree.relation)
        rest = [token for token in tokens if named and token.start >= named[1] and token.kind != "ASCII_42"]
        return rest[0].start if rest else part.start
    first = len(statement.kind.split())
    if tokens[first].kind == "CONCURRENTLY":
        first += 1
    if [token.kind for token in tokens[first : first + 2]] == ["IF", "EXISTS"]:
        first += 2
    return tokens[first].start


def _tokens(statement: Statement) -> list[Token]:
    try:
        return [token for token in grammar.scan(statement.text) if not token.is_comment]
    except GrammarError:
        return []


def _between_commas(tokens: list[Token], *, inside_parentheses: bool) -> list[tuple[int, int]]:
    """Spans between commas: of the first parenthesised list, or of the statement outside all parentheses."""
    level = 1 if inside_parentheses else 0
    depth = 0
    spans: list[tuple[int, int]] = []
    first: Token | None = None
    last: Token | None = None
    for token in tokens:
        if token.kind in ("ASCII_41", "ASCII_93"):
            depth -= 1
            if inside_parentheses and depth == 0:
                break
        if depth >= level:
            if token.kind == "ASCII_44" and depth == level:
                if first and last:
                    spans.append((first.start, last.end))
                first = None
            else:
                first = first or token
                last = token
        if token.kind in ("ASCII_40", "ASCII_91"):
            depth += 1
    if first and last:
        spans.append((first.start, last.end))
    return spans
