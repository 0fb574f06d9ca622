"""Two sessions that want to read and to write a table while another one has it, and whether they had to wait."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import ExitStack, suppress
from types import TracebackType
from typing import Self

from pgassay.errors import CannotCheck
from pgassay.postgres.session import Session

_BLOCKERS = "select %s = any (pg_catalog.pg_blocking_pids(%s))"
_EVERY = 0.0005
_PATIENCE = 2.0


class Others:
    """A reader, a writer, and a third one that looks at them. They are there while the block lasts."""

    def __init__(self, connect: Callable[[], Session]) -> None:
        self._open = ExitStack()
        self._reader, self._writer, self._looking = (self._open.enter_context(connect()) for _ in range(3))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def reading_waits(self, table: str, pid: int) -> bool:
        """Whether a session that reads the table stands behind the one called `pid`. It is sent away then."""
        return self._waits(self._reader, f"select from {table} limit 1", pid)

    def writing_waits(self, table: str, pid: int) -> bool:
        """The same for the lock that INSERT, UPDATE and DELETE take, without the triggers that they would fire."""
        return self._waits(self._writer, f"begin; lock table {table} in row exclusive mode; rollback", pid)

    def _waits(self, session: Session, sql: str, pid: int) -> bool:
        """What the server says of who waits for whom decides, not how long it takes."""
        through = threading.Thread(target=_run, args=[session, sql], daemon=True)
        through.start()
        waits = False
        try:
            while not waits and through.is_alive():
                ((waits,),) = self._looking.rows(_BLOCKERS, [pid, session.pid], timeout=_PATIENCE)
                through.join(_EVERY)
        finally:
            if through.is_alive():
                session.cancel()
            through.join()
        if session.open:
            session.run("rollback", timeout=_PATIENCE)
        return bool(waits)


def _run(session: Session, sql: str) -> None:
    # The session of the file says so, too, when the server is gone.
    with suppress(CannotCheck):
        session.run(sql, timeout=_PATIENCE)
