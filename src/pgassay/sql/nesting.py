"""Texts on which libpg_query would crash, or take hours.

Its C code recurses into each level of a tree, so a text that may be deep is first given to another Python, which may
crash or be stopped. And it reads a comment anew for each one in it.
"""

from __future__ import annotations

import re
import subprocess
import sys
from functools import lru_cache

_HARMLESS = 15_000
"""Levels that fit into the usual 8 MB of stack, with room to spare."""
_SHORTEST_LEVEL = 2
_PATIENCE = 5.0
_DEEPEST_COMMENT = 2_000
_COMMENT_MARKS = re.compile(r"/\*|\*/")

# Whatever makes a level of a tree, or of a comment, has one of these in it. Those in strings are counted as well.
_SIGNS = "+-*/<>=~!@#%^&|`?:[("
_WORDS = (
    "union except intersect join null true false unknown document json normalized distinct collate time local like "
    "between similar overlaps operator"
).split()

_CHILD = """
import sys
sys.path[:] = sys.argv[1:]
from pgassay.sql import grammar
try:
    grammar.parse_at_once(sys.stdin.buffer.read().decode())
except grammar.GrammarError:
    pass
"""


def is_too_deep(text: str) -> bool:
    """Found out by trying where it may be: a tenth of a second, and as long again as it takes to parse."""
    return has_deep_comments(text) or (_may_be_deep(text) and not _survives(text))


def has_deep_comments(text: str) -> bool:
    """Counts those in strings as well, which is never too few."""
    if text.count("/*") <= _DEEPEST_COMMENT:
        return False
    depth = 0
    for mark in _COMMENT_MARKS.finditer(text):
        depth = depth + 1 if mark[0] == "/*" else max(0, depth - 1)
        if depth > _DEEPEST_COMMENT:
            return True
    return False


def _may_be_deep(text: str) -> bool:
    if len(text) < _HARMLESS * _SHORTEST_LEVEL:
        return False
    folded = text.lower()
    return sum(map(text.count, _SIGNS)) + sum(map(folded.count, _WORDS)) > _HARMLESS


@lru_cache(maxsize=64)
def _survives(text: str) -> bool:
    command = [sys.executable, "-I", "-c", _CHILD, *sys.path]
    try:
        done = subprocess.run(
            command,
            input=text.encode(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=_PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0
