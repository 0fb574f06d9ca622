"""All catalog rules asked after every batch of files, on a session of their own beside the one that the files run on.

Reading and planning some sixty queries takes longer than answering them on a small schema. Here their plans are kept,
which they cannot be where migrations run: those discard what has been prepared.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pgassay.model import Rule
from pgassay.postgres.session import Session
from pgassay.replay.blame import Asking, Key, find_keys

_OFTEN = 16
"""Questions after which the plans are made anew at the latest: the catalogs grow with the files."""


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
        self._asking = Asking(beside, rules, parameters)
        self._asked = 0

    def keys(self) -> frozenset[Key]:
        """Raises CatalogueError."""
        often = 1 < self._asked < _OFTEN and self._asked.bit_count() == 1
        refresh = often or (self._asked and self._asked % _OFTEN == 0)
        self._asked += 1
        if self._beside.run("discard plans" if refresh else "select").error:
            return find_keys(self._session, self._rules, self._parameters)
        return self._asking.keys()
