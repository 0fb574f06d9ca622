"""Templates that make Markdown: whatever one prints is escaped, unless it was made as Markdown."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from pgassay.render.escape import Markdown, prose
from pgassay.render.words import counted, plural

if TYPE_CHECKING:
    from jinja2 import Environment, Template


def markdown_template(name: str, package: str = "pgassay.render") -> Template:
    """A file in the folder `templates` of a package; it may extend one of ours."""
    return _environment(package).get_template(name)


@cache
def _environment(package: str) -> Environment:
    from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=ChoiceLoader([PackageLoader(each) for each in dict.fromkeys((package, "pgassay.render"))]),
        finalize=_harmless,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(counted=counted, plural=plural)
    return environment


def _harmless(value: object) -> str:
    return prose(str(value)) if not isinstance(value, Markdown) else value
