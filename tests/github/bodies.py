"""What a body may hold: words, code, links to pages, and nothing that acts."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.token import Token

from pgassay.github import markers
from tests.render.test_markdown import FIRES, inlines, words

PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
_OURS = re.compile(r"\s*(<details( open)?><summary>[^<>]*</summary>|</details>|<br>|</?code>|</?sub>)\s*")
_BLOCKS = {"paragraph", "inline", "html_block", "fence"}
_INLINE = {"text", "code_inline", "html_inline", "link_open", "link_close"}
_INLINE |= {"strong_open", "strong_close", "s_open", "s_close"}
_SUMMARY_BLOCKS = _BLOCKS | {"heading", "bullet_list", "list_item", "hr", "table", "thead", "tbody", "tr", "th", "td"}


def check_that_nothing_acts(body: str, *, summary: bool = False) -> list[Token]:
    """The tokens below the marker that the body begins with."""
    assert markers.read(body), body[:200]
    assert body.encode()
    _, _, text = body.partition("\n")
    tokens = PARSER.parse(text)
    kinds = {token.type.removesuffix("_open").removesuffix("_close") for token in tokens}
    assert kinds <= (_SUMMARY_BLOCKS if summary else _BLOCKS), kinds
    assert {token.type for token in inlines(tokens)} <= _INLINE
    for token in [*tokens, *inlines(tokens)]:
        if token.type in ("html_block", "html_inline"):
            assert _OURS.fullmatch(token.content), token.content
        if token.type == "link_open":
            assert str(token.attrs["href"]).startswith("https://")
        if token.type == "fence":
            assert token.info in {"sql", "suggestion", "mermaid"}
    assert not FIRES.search(words(tokens))
    return tokens


def fences(body: str, info: str) -> list[str]:
    return [token.content for token in PARSER.parse(body) if token.type == "fence" and token.info == info]
