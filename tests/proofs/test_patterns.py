from __future__ import annotations

import re

import pytest

from pgassay.proofs.patterns import matching


@pytest.mark.parametrize(
    "pattern",
    ["^[a-z0-9-]+$", "^#[0-9a-fA-F]{6}$", r"^[^@\s]+@[^@\s]+\.[a-z]{2,}$", "^(red|green)$", "^npub1[a-z0-9]{58}$"],
)
def test_a_text_that_matches(pattern: str) -> None:
    for user in ("a", "b"):
        (text,) = matching(pattern, user)
        assert re.search(pattern, text)


def test_classes_of_posix() -> None:
    assert list(matching("^[[:alpha:]]{3}$", "b")) == ["bbb"]


def test_what_is_not_understood_gives_nothing() -> None:
    assert list(matching("(", "a")) == []
