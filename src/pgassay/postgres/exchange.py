"""One script sent to the server, and everything that comes back, at the level of libpq.

psycopg's cursors parse what they send and keep what they get; somebody else's script needs neither.
"""

from __future__ import annotations

import math
import select
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

import psycopg
from psycopg.errors import Diagnostic
from psycopg.pq import ConnStatus, ExecStatus

from pgassay.model import Notice, ServerError

if TYPE_CHECKING:
    from psycopg.pq.abc import PGresult

    from pgassay.postgres.connection import Connection

LOST = ServerError("08006", "the server ended this session")

_KEPT_NOTICES = 200
_ROWS_AT_ONCE = 64
_LONGEST_TEXT = 10_000
"""Characters that are kept of what a migration has the server say."""
_NO_COPY_DATA = b"the script brings no rows for it"


class Exchange:
    """`steps` are taken one after the other when the answer is overdue, each with the seconds that it gets to help.

    A connection that is lost on the way, or has to be given up, is closed.
    """

    def __init__(
        self, connection: Connection, timeout: float, steps: Sequence[tuple[Callable[[], None], float]]
    ) -> None:
        self.overdue = False
        self.error: ServerError | None = None
        self.notices: list[Notice] = []
        self.notices_left_out = 0
        self._connection = connection
        self._pgconn = connection.pgconn
        self._steps = list(steps)
        self._deadline = time.monotonic() + timeout
        self._poll = select.poll()

    def run(self, text: str) -> None:
        """Send a script and read the whole answer. `error` is the first one in it."""
        data, place = _encoded(text, codec_of(self._connection))
        self._exchange(data, place)

    def finish(self) -> None:
        """Read the rest of an answer that nobody waits for any more."""
        self._exchange(None, int)

    def _exchange(self, data: bytes | None, place: Callable[[int], int]) -> None:
        before, self._pgconn.notice_handler = self._pgconn.notice_handler, self._note
        try:
            if data is not None:
                self._send(data)
            while result := self._next():
                if result.status == ExecStatus.FATAL_ERROR and self.error is None:
                    self.error = server_error(Diagnostic(result, codec_of(self._connection)), place)
                elif result.status == ExecStatus.COPY_IN:
                    self._refuse_copy()
                elif result.status == ExecStatus.COPY_OUT:
                    self._discard_copy()
        except psycopg.OperationalError:
            self.error = self.error or LOST
            self._connection.close()
        finally:
            self._pgconn.notice_handler = before
        if self._pgconn.status != ConnStatus.OK:
            self._connection.close()

    def _send(self, data: bytes) -> None:
        self._pgconn.send_query(data)
        with suppress(psycopg.NotSupportedError):  # libpq before 17 keeps the rows of one statement
            self._pgconn.set_chunked_rows_mode(_ROWS_AT_ONCE)
        self._flush()

    def _flush(self) -> None:
        while self._pgconn.flush():
            self._wait(select.POLLIN | select.POLLOUT)

    def _next(self) -> PGresult | None:
        while self._pgconn.is_busy():
            self._wait(select.POLLIN)
            while self._pgconn.notifies():
                pass
        return self._pgconn.get_result()

    def _refuse_copy(self) -> None:
        while not self._pgconn.put_copy_end(_NO_COPY_DATA):
            self._wait(select.POLLOUT)
        self._flush()

    def _discard_copy(self) -> None:
        while True:
            size, _ = self._pgconn.get_copy_data(1)
            if size < 0:
                return
            if size == 0:
                self._wait(select.POLLIN)

    def _wait(self, events: int) -> None:
        """Wait for the socket and take in what has come. A stream that never pauses gets overdue as well."""
        self._poll.register(self._pgconn.socket, events)
        while True:
            left = self._deadline - time.monotonic()
            if left <= 0:
                self._escalate()
            elif ready := self._poll.poll(math.ceil(left * 1000)):
                if ready[0][1] != select.POLLOUT:
                    self._pgconn.consume_input()
                return

    def _escalate(self) -> None:
        self.overdue = True
        if not self._steps:
            raise psycopg.OperationalError("given up")
        step, patience = self._steps.pop(0)
        step()
        self._deadline = time.monotonic() + patience

    def _note(self, result: PGresult) -> None:
        if len(self.notices) >= _KEPT_NOTICES:
            self.notices_left_out += 1
            return
        said = Diagnostic(result, codec_of(self._connection))
        self.notices.append(
            Notice(
                said.severity_nonlocalized or "",
                said.sqlstate or "",
                _kept(said.message_primary) or "",
                _kept(said.message_detail),
                _kept(said.message_hint),
            )
        )


def codec_of(connection: Connection) -> str:
    """What Python calls the encoding that the connection speaks now; a script may have changed it."""
    try:
        codec = connection.info.encoding
    except psycopg.NotSupportedError:
        return "utf-8"
    # SQL_ASCII: nothing is converted, and the database is UTF-8.
    return "utf-8" if codec == "ascii" else codec


def server_error(said: Diagnostic, place: Callable[[int], int] = int) -> ServerError:
    """`place` turns the server's offset, in its characters, into one of ours."""
    position = said.statement_position
    return ServerError(
        said.sqlstate or LOST.sqlstate,
        _kept(said.message_primary) or LOST.message,
        _kept(said.message_detail),
        _kept(said.message_hint),
        _kept(said.context),
        place(int(position) - 1) if position else None,
    )


def _kept(text: str | None) -> str | None:
    return text if text is None or len(text) <= _LONGEST_TEXT else text[:_LONGEST_TEXT] + " ..."


def _encoded(text: str, codec: str) -> tuple[bytes, Callable[[int], int]]:
    try:
        return text.encode(codec), int
    except UnicodeEncodeError:
        # As psql does, which sends a file as it is. The server then counts bytes.
        data = text.encode()
        return data, lambda offset: len(data[:offset].decode(errors="ignore"))
