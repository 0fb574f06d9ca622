"""The inputs of action.yml, as a runner hands them to a container.

They come as `INPUT_` and the name in capitals; a hyphen stays one (actions/toolkit, core.getInput), which is why no
shell may stand in between.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, MutableMapping
from pathlib import PurePath
from typing import TypeVar

from msgspec import Struct

from pgassay.errors import UsageError
from pgassay.github.event import JOB_TOKEN_AUTHOR
from pgassay.github.markers import usable_id
from pgassay.model import Severity

TOKEN = "github-token"
_SWITCH = {"true": True, "false": False}
_LEAST = {**{severity.value: severity for severity in Severity}, "none": None}

T = TypeVar("T")


class Inputs(Struct, frozen=True):
    """One field for each input; the token is handed over by `take_token`, so that it stands in no structure.

    `inline` is the least severity that gets a comment on its line, None for none. `report` is the file that a run for
    `workflow_run` posts.
    """

    path: str = "."
    post: bool = True
    inline: Severity | None = Severity.WARNING
    id: str = "default"
    author: str = JOB_TOKEN_AUTHOR
    report: str = ""
    execute_untrusted: bool = False


def names() -> tuple[str, ...]:
    """As action.yml spells them."""
    return (TOKEN, *(field.replace("_", "-") for field in Inputs.__struct_fields__))


def read_inputs(environment: Mapping[str, str]) -> Inputs:
    """What is left out or empty has its default. Raises UsageError that names the input."""

    def given(field: str) -> str:
        name = field.replace("_", "-")
        return environment.get(f"INPUT_{name.upper()}", "").strip()

    default = Inputs()
    path = _inside(given("path")) or default.path
    return Inputs(
        path=path,
        post=_one_of("post", given("post"), _SWITCH, default.post),
        inline=_one_of("inline", given("inline"), _LEAST, default.inline),
        id=usable_id(given("id") or _id_for(path)),
        author=given("author") or default.author,
        report=given("report"),
        execute_untrusted=_one_of("execute-untrusted", given("execute_untrusted"), _SWITCH, default.execute_untrusted),
    )


def take_token(environment: MutableMapping[str, str]) -> str:
    """Out of the environment: whatever is started afterwards does not inherit it. Empty where there is none."""
    found = [environment.pop(name, "") for name in (f"INPUT_{TOKEN.upper()}", "GITHUB_TOKEN")]
    return next((token.strip() for token in found if token.strip()), "")


def _one_of(name: str, value: str, known: Mapping[str, T], default: T) -> T:
    if not value:
        return default
    if value.lower() not in known:
        raise UsageError(f"{name}: {value!r} is unknown; write {', '.join(known)}.")
    return known[value.lower()]


def _id_for(path: str) -> str:
    """Two steps with a path each must not take each other's comments for their own."""
    words = "-".join(re.findall(r"\w[\w.]*", PurePath(path).as_posix(), re.ASCII))
    return words[-50:] or Inputs().id


def _inside(path: str) -> str:
    pure = PurePath(path)
    if pure.is_absolute() or ".." in pure.parts:
        raise UsageError(
            f"path: {path!r} is not a folder of the repository; write it relative to the repository's top."
        )
    return path
