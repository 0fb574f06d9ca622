"""One of two databases on one server, which has one set of roles for both."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

from msgspec import Struct

from pgassay.model.given import NOTHING_GIVEN, Given
from pgassay.postgres.session import Session
from pgassay.proofs.facts import Facts, read_facts
from pgassay.replay.roles import Roles


class Side(Struct, frozen=True):
    """`roles` are the server's that belong to it, None where the change has left them as they were."""

    session: Session
    facts: Facts
    search_path: tuple[str, ...]
    given: Given = NOTHING_GIVEN
    roles: Roles | None = None

    @classmethod
    def of(cls, session: Session, search_path: tuple[str, ...], given: Given, roles: Roles | None) -> Self:
        if roles:
            roles.restore(session)
        return cls(session, read_facts(session), search_path, given, roles)

    @contextmanager
    def in_transaction(self) -> Iterator[None]:
        """With its roles in force, and all that happens undone but these."""
        if self.roles:
            self.roles.restore(self.session)
        self.session.run("begin")
        try:
            yield
        finally:
            self.session.run("rollback")
