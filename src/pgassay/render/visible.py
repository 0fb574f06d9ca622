"""Characters that act on a terminal, or hide, are shown by their code instead: \\x1b, \\u202e."""

from __future__ import annotations

import re

# Controls of ASCII and Latin 1, line separators, bidi marks and overrides, invisible formatting, lone surrogates (file
# names that are not UTF-8). The zero-width joiner and non-joiner stay: emoji, Persian and Hindi need them.
ACTING = re.compile(
    r"[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\ufffb"
    r"\U0001d173-\U0001d17a\U000e0000-\U000e007f]"
)
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def visible(text: str) -> str:
    """The text on one line, with nothing in it that acts."""
    return ACTING.sub(_code, text)


def _code(match: re.Match[str]) -> str:
    character = match[0]
    number = ord(character)
    if character in _SHORT:
        return _SHORT[character]
    if number < 0x100:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
