"""Text from SQL, file names and settings, made harmless for Markdown and for the HTML inside it.

Escaping is by HTML entities alone: they mean the same in a paragraph, in a table cell and inside `<summary>`. GitHub
looks for mentions, references, addresses and emoji after the entities are resolved, so a zero-width space parts these.
"""

from __future__ import annotations

import re

from pgassay.render.spans import joined_lines, spans
from pgassay.render.visible import visible

LONGEST_SENTENCE = 500
LONGEST_CODE = 200
LONGEST_ADDRESS = 500
_APART = "&#8203;"
_MEANS_SOMETHING = re.compile(r"[\\`*_\[\]<>&|~#@$^{}]")
_PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~]")
_FIRES = re.compile(
    r"(?<=[@#])"  # @name, #123, owner/repo#123, name@example.org
    r"|(?<=\bGH-)(?=\d)"
    r"|(?<=:)(?=[\w+/-])"  # https://, :emoji:
    r"|(?<=\bwww)(?=\.)",
    re.IGNORECASE,
)
_OPENS_BLOCK = re.compile(r"(?:[-+=]+|\d+[.)])(?=\s|$)")
_TICKS = re.compile("`+")
_ADDRESS = re.compile(rf"https://[\w.~/%#?=&+-]{{1,{LONGEST_ADDRESS}}}", re.ASCII)
_NAMED = {"<": "&lt;", ">": "&gt;", "&": "&amp;"}


class Markdown(str):
    """Text that may stand in Markdown as it is."""

    __slots__ = ()


def prose(sentence: str, longest: int = LONGEST_SENTENCE) -> Markdown:
    """One line of words. Its code spans stay code spans; nothing else in it means anything to Markdown."""
    if isinstance(sentence, Markdown):
        return sentence
    pieces: list[str] = []
    room = longest
    for span in spans(sentence):
        if len(span.text) > room and pieces and span.code:
            pieces.append("…")
            break
        text = _cut(span.text, room)
        pieces.append(code(text) if span.code else words(text))
        room -= len(span.text)
        if room <= 0:
            break
    line = "".join(pieces).strip()
    opening = _OPENS_BLOCK.match(line)
    if opening:
        last = opening.end() - 1
        line = f"{line[:last]}{_entity(line[last])}{line[last + 1 :]}"
    return Markdown(line)


def code(text: str) -> Markdown:
    """A code span. Where backticks cannot hold the text, the element that they stand for."""
    text = visible(_cut(text, LONGEST_CODE))
    if "|" in text or "##[" in text:
        return Markdown(f"<code>{_PUNCTUATION.sub(lambda match: _entity(match[0]), text)}</code>")
    fence = "`" * (max((len(run) for run in _TICKS.findall(text)), default=0) + 1)
    pad = " " if not text or text[0] in "` " or text[-1] in "` " else ""
    return Markdown(f"{fence}{pad}{text}{pad}{fence}")


def link(text: Markdown, address: str | None) -> Markdown:
    """The text alone where the address is not one that can be nothing else."""
    return Markdown(f"[{text}]({address})") if address and _ADDRESS.fullmatch(address) else text


def words(text: str) -> Markdown:
    """One line without code spans, for places where Markdown has none, such as `<summary>`."""
    apart = _FIRES.sub("\u200b", visible(joined_lines(text)))
    return Markdown(_MEANS_SOMETHING.sub(lambda match: _entity(match[0]), apart).replace("\u200b", _APART))


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"


def _entity(character: str) -> str:
    return _NAMED.get(character) or f"&#{ord(character)};"
