"""Sentences of a report: plain words, with names and SQL in Markdown code spans."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

_TICKS = re.compile("`+")
_LINE_BREAK = re.compile(r"\s*\n\s*")


class Span(Struct, frozen=True):
    text: str
    code: bool


def spans(sentence: str) -> Iterator[Span]:
    """The sentence in pieces, by CommonMark's rule: a run of backticks closes at the next run of the same length.

    Backticks that close nowhere are plain words.
    """
    runs = list(_TICKS.finditer(sentence))
    never_closed: set[int] = set()
    done = 0
    index = 0
    while index < len(runs):
        opening = runs[index]
        length = len(opening[0])
        index += 1
        if length in never_closed:
            continue
        closing = next((i for i in range(index, len(runs)) if len(runs[i][0]) == length), None)
        if closing is None:
            never_closed.add(length)
            continue
        if done < opening.start():
            yield Span(sentence[done : opening.start()], code=False)
        yield Span(_unpadded(sentence[opening.end() : runs[closing].start()]), code=True)
        done = runs[closing].end()
        index = closing + 1
    if done < len(sentence):
        yield Span(sentence[done:], code=False)


def joined_lines(words: str) -> str:
    """Plain words on one line."""
    return _LINE_BREAK.sub(" ", words)


def _unpadded(code: str) -> str:
    if code.startswith(" ") and code.endswith(" ") and code.strip(" "):
        return code[1:-1]
    return code
