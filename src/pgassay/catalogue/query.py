"""Catalog rules are plain `.sql` files: psql variables (`:exposed_schemas`) as parameters, an object address in front.

The first three columns are PostgreSQL's object address (classid, objid, objsubid), the rest are facts. Some more may be
given: `label` stands beside the marker under the source line, `mark` are keywords to put that marker under,
`replacement` are words that mend what `mark` marks, `append` is a statement to write behind the one that made it,
`wrap` are functions whose calls a CREATE or ALTER POLICY is to have in a `select` of their own.
"""

from __future__ import annotations

from itertools import pairwise

from msgspec import Struct

from pgassay.errors import CatalogueError
from pgassay.sql import grammar
from pgassay.sql.grammar import GrammarError
from pgassay.sql.tags import command_tag

EDITS = frozenset({"append", "replacement", "wrap"})

# Where to look and what to write beside the marker: for the engine, not for the page.
_NOT_FACTS = frozenset({"label", "mark", *EDITS})
# What a Match is made of besides facts.
_TAKEN = frozenset({"at", "subject", "edit", "related", "reproduction"})
_ADDRESS = ("classid", "objid", "objsubid")
PARAMETERS = (
    *("exposed_schemas", "protected_tables", "audit_tables", "realtime_tables", "recursive_policies"),
    "public_tables",
    *("merged_foreign_keys", "environment"),
    *("naming_kinds", "naming_patterns"),
)


class Query(Struct, frozen=True):
    """`text` has `%(name)s` for each parameter, for psycopg, and no semicolon at its end."""

    text: str
    columns: tuple[str, ...]

    @property
    def facts(self) -> frozenset[str]:
        return frozenset(filter(None, self.columns[3:])) - _NOT_FACTS

    @property
    def gives_edit(self) -> bool:
        return not EDITS.isdisjoint(self.columns)


def compile_query(source: str, path: str) -> Query:
    """Raises CatalogueError when the text is not one query that begins with an object address."""
    text = source
    try:
        text = _with_parameters(source, path)
        parsed = grammar.parse(text)
    except GrammarError as error:
        line = text.count("\n", 0, error.offset) + 1
        raise CatalogueError(f"{path}:{line}: {error.message}.") from None
    kinds = [command_tag(statement.tree) for statement in parsed]
    if kinds != ["SELECT"]:
        raise CatalogueError(f"{path}: a catalog rule is one SELECT; found {', '.join(kinds) or 'nothing'}.")
    tree = parsed[0].tree
    while tree.HasField("larg"):
        tree = tree.larg
    columns = tuple(_column_name(target.res_target) for target in tree.target_list)
    if taken := sorted(_TAKEN.intersection(columns)):
        raise CatalogueError(f"{path}: a column may not be called {taken[0]}; give it another name with `as`.")
    if columns[:3] != _ADDRESS:
        found = ", ".join(name or "one without a name" for name in columns[:3]) or "none"
        raise CatalogueError(f"{path}: the first three columns must be classid, objid, objsubid; found {found}.")
    text = text.replace("%", "%%")
    for parameter in PARAMETERS:
        text = text.replace(f"'\x01{parameter}'", f"%({parameter})s")
    return Query(text, columns)


def _with_parameters(source: str, path: str) -> str:
    """`:name` becomes a placeholder string, so that the text can be parsed before it becomes a parameter.

    The text ends up in parentheses, where a semicolon or a comment at its end would be in the way.
    """
    tokens = grammar.scan(source)
    ends = [token.end for token in tokens if not token.is_comment and token.kind != "ASCII_59"]
    source = source[: ends[-1] if ends else 0]
    text: list[str] = []
    position = 0
    for colon, name in pairwise(tokens):
        if colon.kind != "ASCII_58" or name.start != colon.end or not source[name.start].isalpha():
            continue
        word = source[name.start : name.end]
        if word not in PARAMETERS:
            raise CatalogueError(f"{path}: unknown parameter :{word}; there are {', '.join(PARAMETERS)}.")
        text += [source[position : colon.start], f"'\x01{word}'"]
        position = name.end
    return "".join(text) + source[position:]


def _column_name(target: object) -> str:
    name = getattr(target, "name", "")
    if name:
        return str(name)
    value = getattr(target, "val")  # noqa: B009
    if value.WhichOneof("node") == "column_ref":
        last = value.column_ref.fields[-1]
        return str(last.string.sval) if last.WhichOneof("node") == "string" else ""
    return ""
