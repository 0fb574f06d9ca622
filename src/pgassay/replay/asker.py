"""All catalog rules asked after every file, on a session of their own beside the one that the files run on.

Reading and planning some sixty queries takes longer than answering them on a small schema. Here they are prepared,
which they cannot be where migrations run: there they would show up in, and be dropped by, what a file does.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pgassay.model import Rule
from pgassay.postgres.session import Session
from pgassay.replay.blame import Key, find_keys

_OFTEN = 16
"""Files after which the plans are made anew at the latest: the catalogs grow with the files."""


class Asker:
    """Sees what is committed: to be asked between files only."""

    def __init__(
        self, session: Session, beside: Session, rules: tuple[Rule, ...], parameters: Mapping[str, Any]
    ) -> None:
        """`session` is that of the files: it is asked when a migration has ended the one `beside` it."""
        self._session = session
        self._beside = beside
        self._rules = rules
        self._parameters = parameters
        self._asked = 0
        beside.keep_plans()

    def keys(self) -> frozenset[Key]:
        """Raises CatalogueError."""
        often = self._asked < _OFTEN and self._asked.bit_count() == 1
        refresh = often or (self._asked and self._asked % _OFTEN == 0)
        self._asked += 1
        ended = self._beside.run("discard plans" if refresh else "select").error
        return find_keys(self._session if ended else self._beside, self._rules, self._parameters)
