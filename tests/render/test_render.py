from __future__ import annotations

import subprocess
import sys

import pytest

from pgassay.errors import UsageError
from pgassay.render import FORMATS, render

from .reports import BLOCKED, PASSED


@pytest.mark.parametrize(("asked", "near"), [("jsn", "json"), ("Markdwon", "markdown"), ("TEXT", "text")])
def test_unknown_format_names_the_nearest(asked: str, near: str) -> None:
    with pytest.raises(UsageError, match=f'no format "{asked}"; did you mean {near} '):
        render(PASSED, asked)


def test_unknown_format_far_from_all_lists_them() -> None:
    with pytest.raises(UsageError, match=r'no format "\\x1b"; choose one of text, json, markdown'):
        render(PASSED, "\x1b")


@pytest.mark.parametrize("format", FORMATS)
def test_every_format_ends_with_one_newline(format: str) -> None:
    output = render(BLOCKED, format)
    assert output.endswith("\n")
    assert not output.endswith("\n\n")


@pytest.mark.parametrize("format", ["json", "markdown"])
def test_only_text_has_colours(format: str) -> None:
    assert render(BLOCKED, format, colour=True) == render(BLOCKED, format)


def test_text_imports_nothing_heavy() -> None:
    program = "import sys, pgassay.render.text; print({'jinja2', 'rich', 'json'} & set(sys.modules))"
    output = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert output.stdout.strip() == "set()"
