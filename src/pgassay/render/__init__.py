"""Report -> text, one module per format.

A format is a module with `render(report, colour)`, pure, whose text ends with one newline, and a line in `FORMATS`.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType

from pgassay.errors import UsageError
from pgassay.model import Report

FORMATS: Mapping[str, str] = MappingProxyType(
    {
        "text": "pgassay.render.text",
        "json": "pgassay.render.json",
        "markdown": "pgassay.render.markdown",
    }
)


def render(report: Report, format: str, *, colour: bool = False) -> str:
    """The report in one format, with a newline at its end. Only `text` knows colours.

    Raises UsageError for a format that does not exist.
    """
    if format not in FORMATS:
        raise UsageError(_unknown(format))
    text: str = import_module(FORMATS[format]).render(report, colour)
    return text


def _unknown(format: str) -> str:
    from difflib import get_close_matches

    from pgassay.render.visible import visible

    known = ", ".join(FORMATS)
    near = get_close_matches(format.lower(), FORMATS, n=1, cutoff=0.4)
    advice = f"did you mean {near[0]} (there are {known})?" if near else f"choose one of {known}"
    return f'--format: there is no format "{visible(format)}"; {advice}'
