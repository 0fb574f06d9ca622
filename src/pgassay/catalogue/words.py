"""The words of a page, with the facts of a check filled in.

`{fact}` stands for a string, a number or a tuple of strings. Every string ends up inside a code span, whatever it
holds: names come from SQL that anybody may have written. A line whose fact is None or empty is left out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_FACT = re.compile(r"\{([a-z_]+)\}")
_SPAN = re.compile(r"(`[^`]*`)")


def facts_in(template: str) -> frozenset[str]:
    return frozenset(_FACT.findall(template))


def fill(template: str, facts: Mapping[str, object]) -> str | None:
    """None when no line is left. Lines of the template are joined by spaces."""
    lines = []
    for line in template.splitlines():
        if all(is_given(facts.get(fact)) for fact in _FACT.findall(line)):
            parts = _SPAN.split(line)
            lines.append("".join(_fill(part, facts, spanned=i % 2 == 1) for i, part in enumerate(parts)))
    return " ".join(lines) or None


def listed(items: tuple[str, ...] | list[str], most: int = 5) -> str:
    """`a`, `b` and `c`; past the limit the rest is counted."""
    shown = [code(item) for item in items[:most]]
    rest = len(items) - len(shown)
    if rest:
        return f"{', '.join(shown)} and {rest} more"
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)


def code(text: str) -> str:
    return f"`{plain(text)}`"


def plain(text: str) -> str:
    """One line, and nothing that could end a code span; a name of nothing but spaces is shown in quotes."""
    return " ".join(text.replace("`", "'").split()) or '" "'


def is_given(fact: object) -> bool:
    return fact is not None and fact != "" and fact != () and fact != []


def _fill(part: str, facts: Mapping[str, object], *, spanned: bool) -> str:
    def text(found: re.Match[str]) -> str:
        fact = facts[found[1]]
        if isinstance(fact, (tuple, list)):
            items = tuple(str(item) for item in fact)
            return ", ".join(plain(item) for item in items) if spanned else listed(items)
        if isinstance(fact, (int, float)):
            return f"{fact:,}"
        return plain(str(fact)) if spanned else code(str(fact))

    return _FACT.sub(text, part)
