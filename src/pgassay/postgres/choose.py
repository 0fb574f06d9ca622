"""From the setting `postgres` to a server."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from pgassay.errors import CannotCheck

if TYPE_CHECKING:
    from pgassay.postgres.provider import Provider, Template

_VARIABLE = re.compile(r"\$(\w+)|\$\{(\w+)\}")


def open_provider(
    setting: str,
    wanted_major: int | None = None,
    *,
    allow_shared_server: bool = False,
    template: Template | None = None,
    base: str | None = None,
) -> Provider:
    """`embedded`, `container:IMAGE` or `url:DSN`, where the DSN may be `$NAME` for a variable of the environment.

    `wanted_major` is for `embedded` to choose by; the others name a version themselves. `template` and `base`
    are what `embedded` keeps ready from one run to the next. Raises CannotCheck.
    """
    kind, _, value = setting.partition(":")
    match kind:
        case "container":
            from pgassay.postgres.container import Container

            return Container(value)
        case "url":
            from pgassay.postgres.dsn import parse
            from pgassay.postgres.url import Url

            return Url(parse(_expanded(value)), shared=allow_shared_server)
        case _:
            from pgassay.postgres.embedded import Embedded
            from pgassay.postgres.store import Store

            return Embedded(wanted_major, template=template, store=Store.of_user(), base=base)


def _expanded(value: str) -> str:
    found = _VARIABLE.fullmatch(value)
    if not found:
        return value
    name = found[1] or found[2]
    if not (dsn := os.environ.get(name)):
        raise CannotCheck(f'postgres = "url:${name}": there is no variable {name} in the environment; set it')
    return dsn
