"""Whole outputs, as files to look at. With PGASSAY_REWRITE_EXPECTED=1 they are written anew: read the difference."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pgassay.render import render

from .reports import REPORTS

EXPECTED = Path(__file__).parent / "expected"
SUFFIXES = {"text": "txt", "markdown": "md", "json": "json"}
FILES = {f"{name}.{suffix}": (name, format) for name in REPORTS for format, suffix in SUFFIXES.items()}


@pytest.mark.parametrize("file", FILES)
def test_output_is_the_expected_one(file: str) -> None:
    name, format = FILES[file]
    output = render(REPORTS[name], format)
    path = EXPECTED / file
    if os.environ.get("PGASSAY_REWRITE_EXPECTED"):
        path.write_bytes(output.encode())
    assert output.encode() == path.read_bytes(), f"{file} differs; PGASSAY_REWRITE_EXPECTED=1 writes it anew"


def test_every_expected_file_is_used() -> None:
    assert {path.name for path in EXPECTED.iterdir()} == set(FILES)
