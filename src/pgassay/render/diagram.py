"""Foreign keys as a Mermaid entity relationship diagram, which GitHub draws.

Mermaid has no way to escape within its quotes, so of a name only letters, digits and a few harmless signs are drawn.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from pgassay.model import Relationship
from pgassay.render.escape import Markdown

MOST = 40
"""Foreign keys in one diagram; more cannot be read."""
_LONGEST_NAME = 63
_LONGEST_LABEL = 120
_NOT_DRAWN = re.compile(r"[^\w. -]")


def diagram(relationships: Sequence[Relationship]) -> Markdown:
    """A fenced block without a newline at its end, or nothing. The first ones are drawn where there are too many."""
    if not relationships:
        return Markdown("")
    lines = dict.fromkeys(_line(relationship) for relationship in relationships[:MOST])
    return Markdown("\n".join(["```mermaid", "erDiagram", *(f"  {line}" for line in lines), "```"]))


def _line(relationship: Relationship) -> str:
    one = "|o" if relationship.optional else "||"
    many = "o|" if relationship.unique else "o{"
    return f"{_name(relationship.referenced)} {one}--{many} {_name(relationship.table)} : {_label(relationship)}"


def _label(relationship: Relationship) -> str:
    words = [", ".join(map(_drawn, relationship.columns))[:_LONGEST_LABEL]]
    if relationship.on_delete != "no action":
        words.append(f"on delete {_drawn(relationship.on_delete)}")
    if relationship.is_new:
        words.append("new")
    return f'"{", ".join(words)}"'


def _name(table: str) -> str:
    return f'"{_drawn(table)}"'


def _drawn(text: str) -> str:
    return _NOT_DRAWN.sub("_", text)[:_LONGEST_NAME].strip() or "_"
