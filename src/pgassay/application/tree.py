"""tree-sitter behind one door: a parsed file, its calls by method name, its declarations."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from tree_sitter import Language, Node, Parser, Query, QueryCursor

__all__ = ["File", "Node"]

# Around an expression, without changing what it is.
WRAPPERS = frozenset(
    (
        "parenthesized_expression non_null_expression as_expression satisfies_expression type_assertion "
        "await_expression await"
    ).split()
)


# Of an identifier.
_PART = re.compile(rb"[\w$]")


@cache
def _language(name: str) -> Language:
    match name:
        case "typescript":
            import tree_sitter_typescript

            return Language(tree_sitter_typescript.language_typescript())
        case "tsx":
            import tree_sitter_typescript

            return Language(tree_sitter_typescript.language_tsx())
        case "javascript":
            import tree_sitter_javascript

            return Language(tree_sitter_javascript.language())
        case _:
            import tree_sitter_python

            return Language(tree_sitter_python.language())


@cache
def _query(grammar: str, source: str) -> Query:
    return Query(_language(grammar), source)


class File:
    """One parsed file. `grammar` is typescript, tsx, javascript or python."""

    def __init__(self, data: bytes, grammar: str) -> None:
        self.data = data
        self.grammar = grammar
        # The tree must outlive its nodes.
        self._tree = Parser(_language(grammar)).parse(data)
        self.root: Node = self._tree.root_node

    def text(self, node: Node) -> str:
        return self.data[node.start_byte : node.end_byte].decode(errors="replace")

    def leaves(self, pattern: re.Pattern[bytes], start: int = 0, end: int | None = None) -> Iterator[Node]:
        """The smallest node at each match of group `name`: much quicker than a query over the whole tree."""
        for found in pattern.finditer(self.data, start, len(self.data) if end is None else end):
            node = self.root.descendant_for_byte_range(found.start("name"), found.end("name"))
            if node is not None:
                yield node

    def named(self, name: str, more: re.Pattern[bytes], start: int = 0, end: int | None = None) -> Iterator[Node]:
        """The smallest node at each identifier of that name that `more` matches behind."""
        wanted = name.encode()
        until = len(self.data) if end is None else end
        position = self.data.find(wanted, start, until)
        while position >= 0:
            behind = position + len(wanted)
            if (position == 0 or not _PART.match(self.data, position - 1)) and more.match(self.data, behind):
                node = self.root.descendant_for_byte_range(position, behind)
                if node is not None and node.end_byte == behind:
                    yield node
            position = self.data.find(wanted, behind, until)

    def matches(self, source: str) -> Iterator[dict[str, Node]]:
        for _, found in QueryCursor(_query(self.grammar, source)).matches(self.root):
            yield {name: nodes[0] for name, nodes in found.items()}


def unwrapped(node: Node | None) -> Node | None:
    while node is not None and node.type in WRAPPERS:
        inner: list[Any] = node.named_children
        node = next((child for child in inner if child.type != "comment"), None)
    return node


def root_of(node: Node) -> Node:
    """`TABLES` of `TABLES.users`."""
    while node.type == "member_expression":
        inner = unwrapped(node.child_by_field_name("object"))
        if inner is None:
            return node
        node = inner
    return node


def ancestors(node: Node) -> Iterator[Node]:
    parent = node.parent
    while parent is not None:
        yield parent
        parent = parent.parent


def contains(outer: Node, inner: Node) -> bool:
    return outer.start_byte <= inner.start_byte and inner.end_byte <= outer.end_byte
