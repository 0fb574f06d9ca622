"""One session on a throwaway server: scripts of others as they are, and our own questions beside them."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from enum import StrEnum
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self

from msgspec import Struct
from msgspec.structs import replace

from pgassay.errors import CannotCheck
from pgassay.model import Notice, ServerError
from pgassay.postgres.limits import Limits

if TYPE_CHECKING:
    import psycopg

    from pgassay.postgres.connection import Connection
    from pgassay.postgres.exchange import Exchange


# What a closed session answers; admin_shutdown, the timeouts of idle sessions and transactions.
_ENDED = frozenset({"08003", "08006", "57P01", "57P05", "25P03", "25P04"})
_CANCELED = "57014"
# For what has to be said even when the time is over: a ROLLBACK.
_AT_LEAST = 0.2


class Outcome(Struct, frozen=True):
    """What came of a script. `seconds` is wall-clock time.

    `notices` are the first 200, `notices_left_out` counts the rest. `timed_out` says that `error` is our doing.
    """

    error: ServerError | None
    notices: tuple[Notice, ...]
    seconds: float
    notices_left_out: int = 0
    timed_out: bool = False


class TransactionStatus(StrEnum):
    IDLE = "idle"
    IN_TRANSACTION = "in transaction"
    FAILED = "failed"
    CLOSED = "closed"


class QueryRefused(CannotCheck):
    """The server refused a question of ours. `error` is its answer."""

    def __init__(self, error: ServerError, ended_by: ServerError | None = None) -> None:
        words = f"a query of pgassay itself failed with {error.sqlstate}: {error.message}; please report it"
        if error.sqlstate in _ENDED:
            why = f" ({(ended_by or error).message})"
            words = f"the database session has ended{why}; leave out what ended it and run pgassay again"
        elif error.sqlstate == _CANCELED:
            words = (
                f"a query of pgassay itself did not come to its end ({error.message}); leave out what holds it up or "
                "limits its time and run pgassay again"
            )
        super().__init__(words)
        self.error = error

    @property
    def is_over(self) -> bool:
        """The session has ended, and not just this question."""
        return self.error.sqlstate in ("08003", "57P01")


class OutOfTime(CannotCheck):
    """The deadline of a session is over."""


class Server(Protocol):
    """What a session needs of the server behind it."""

    limits: Limits

    def terminate(self, pid: int) -> None:
        """End the backend `pid`."""

    def death(self) -> CannotCheck | None:
        """Why there is no server any more, None while there is one."""

    def stop(self, why: str) -> None:
        """End a server that does not end a session. `why` is the answer of `death` from then on."""


class Session:
    """Not for use by two threads at once, except for `cancel`.

    Raises CannotCheck when the server has died. A session that ended for other reasons answers 08003 to everything, and
    `ended_by` is what the server said last. `reopen` makes the connection anew.
    """

    def __init__(self, connection: Connection, server: Server, reopen: Callable[[], Connection] | None = None) -> None:
        self._connection = connection
        self._server = server
        self._reopen = reopen
        self.pid = connection.info.backend_pid
        self.ended_by: ServerError | None = None
        self._until = self._deadline = math.inf

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._connection.close()

    def allow(self, seconds: float) -> None:
        """Whatever is asked after this takes no longer than what is left of these seconds."""
        self._until = time.monotonic() + seconds

    def end_by(self, deadline: float) -> None:
        """Whatever is begun after that time of the monotonic clock raises OutOfTime."""
        self._deadline = deadline

    @property
    def seconds_left(self) -> float:
        """Of those that `allow` gave or until the deadline; infinite when there is neither."""
        return max(min(self._until, self._deadline) - time.monotonic(), 0.0)

    @property
    def transaction_status(self) -> TransactionStatus:
        from psycopg.pq import TransactionStatus as Libpq

        match self._connection.info.transaction_status:
            case Libpq.IDLE:
                return TransactionStatus.IDLE
            case Libpq.INTRANS:
                return TransactionStatus.IN_TRANSACTION
            case Libpq.INERROR:
                return TransactionStatus.FAILED
            case _:
                return TransactionStatus.CLOSED

    @property
    def open(self) -> bool:
        """In a transaction, be it good or failed."""
        return self.transaction_status in (TransactionStatus.IN_TRANSACTION, TransactionStatus.FAILED)

    @property
    def failed(self) -> bool:
        return self.transaction_status is TransactionStatus.FAILED

    def run(self, sql: str, *, timeout: float | None = None) -> Outcome:
        """Send a script as psql would, in one message. Rows are thrown away as they come.

        Several statements outside a transaction make one. After `timeout` seconds, by default those of the limits, the
        script is cancelled; one that goes on is ended together with this session, or else with the whole server, which
        raises CannotCheck. `error.position` counts characters of `sql`.
        """
        timeout = self._timeout(timeout)
        started = time.perf_counter()
        if error := _unsendable(sql):
            return Outcome(error, (), 0.0)
        if not self._is_ready():
            return Outcome(_CLOSED, (), 0.0)
        exchange = self._exchange(timeout)
        exchange.run(sql)
        error = exchange.error
        if self._connection.closed:
            self._raise_if_dead()
        if error and exchange.overdue:
            error = replace(error, message=_overdue(timeout))
        if self._connection.closed:
            self.ended_by = error
        return Outcome(
            error,
            tuple(exchange.notices),
            time.perf_counter() - started,
            exchange.notices_left_out,
            error is not None and exchange.overdue,
        )

    def rows(
        self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] | None = None, *, timeout: float | None = None
    ) -> list[tuple[Any, ...]]:
        """All rows of a question of ours, parameters as `%s` or `%(name)s`. Raises QueryRefused.

        Without parameters there may be other statements around the question; the first that has columns is answered.
        """
        import psycopg

        if not self._is_ready():
            raise QueryRefused(_CLOSED, self.ended_by)
        timeout = self._timeout(timeout)
        self._connection.limit = timeout
        try:
            with self._in_utf8():
                cursor = self._connection.execute(sql, parameters, prepare=None if parameters else False)
                while not cursor.description and cursor.nextset():
                    pass
                return cursor.fetchall() if cursor.description else []
        except psycopg.Error as refusal:
            error = self._what_happened(refusal, timeout)
            if self._connection.closed:
                self._raise_if_dead()
                self.ended_by = error
            raise QueryRefused(error) from None

    def prepare(self, sql: str) -> ServerError | None:
        """What the server says to one statement with `$1`, `$2` as its parameters. It is analysed, never executed."""
        from psycopg.errors import Diagnostic
        from psycopg.pq import ExecStatus

        from pgassay.postgres.exchange import codec_of, server_error

        if error := _unsendable(sql):
            return error
        if not self._is_ready():
            return _CLOSED
        with self._in_utf8():
            result = self._connection.pgconn.prepare(b"", sql.encode())
        if result.status == ExecStatus.COMMAND_OK:
            return None
        return server_error(Diagnostic(result, codec_of(self._connection)))

    def forget(self) -> None:
        """End what scripts have left in an open session: roles, settings, locks, cursors, temporary objects."""
        if self.run("discard all").error and not self._connection.closed and self._reopen:
            # A script can set a statement_timeout that lets nothing of the kind through.
            self._connection.close()
            self._connection = self._reopen()
            self.pid = self._connection.info.backend_pid

    def cancel(self) -> None:
        """Ask the server to cancel what runs; no error when nothing does. Another thread may call this."""
        import psycopg

        with suppress(psycopg.Error):
            self._connection.cancel_safe(timeout=5.0)

    def _timeout(self, timeout: float | None) -> float:
        if time.monotonic() > self._deadline:
            raise OutOfTime("it had not come to its end when its time was over")
        wanted = self._server.limits.statement if timeout is None else timeout
        return min(wanted, max(self.seconds_left, _AT_LEAST))

    def _is_ready(self) -> bool:
        self._end_what_runs()
        if self._connection.closed:
            self._raise_if_dead()
        return not self._connection.closed

    def _end_what_runs(self) -> bool:
        """End what a timeout or Ctrl-C left running; whether there was anything."""
        from psycopg.pq import TransactionStatus as Libpq

        if self._connection.info.transaction_status != Libpq.ACTIVE:
            return False
        self._exchange(0.0).finish()
        return True

    def _what_happened(self, refusal: psycopg.Error, timeout: float) -> ServerError:
        from pgassay.postgres.exchange import server_error

        if self._end_what_runs():
            return ServerError("57014", _overdue(timeout))
        if refusal.sqlstate is None and not self._connection.closed:
            return ServerError("XX000", " ".join(str(refusal).split()))
        return server_error(refusal.diag)

    @contextmanager
    def _in_utf8(self) -> Iterator[None]:
        """A script may have left another client encoding, in which our own texts do not fit."""
        spoken = self._connection.pgconn.parameter_status(b"client_encoding")
        if spoken == b"UTF8":
            yield
            return
        # Not through a cursor: there are encodings that psycopg does not know.
        if error := self.run("set client_encoding to 'UTF8'").error:
            raise QueryRefused(error)
        yield
        self.run(f"set client_encoding to '{(spoken or b'').decode()}'")

    def _exchange(self, timeout: float) -> Exchange:
        from pgassay.postgres.exchange import Exchange

        limits = self._server.limits
        steps = ((self.cancel, limits.cancel), (self._terminate, limits.terminate), (self._stop, 0.0))
        return Exchange(self._connection, timeout, steps)

    def _terminate(self) -> None:
        self._server.terminate(self.pid)

    def _stop(self) -> None:
        self._server.stop(
            f"stopped the server because a statement had not ended after {self._server.limits.statement:g} s and could "
            "not be cancelled; leave it out and run pgassay again"
        )

    def _raise_if_dead(self) -> None:
        if death := self._server.death():
            raise death


_CLOSED = ServerError("08003", "this session has ended")


def _overdue(timeout: float) -> str:
    return f"stopped because it had not ended after {timeout:g} s"


def _unsendable(sql: str) -> ServerError | None:
    """What no message can carry, in the words of the server had it arrived there."""
    position = sql.find("\0")
    if position >= 0:
        return ServerError("22021", 'invalid byte sequence for encoding "UTF8": 0x00', position=position)
    try:
        sql.encode()
    except UnicodeEncodeError as error:
        found = sql[error.start].encode(errors="surrogatepass").hex(" ").replace(" ", " 0x")
        return ServerError("22021", f'invalid byte sequence for encoding "UTF8": 0x{found}', position=error.start)
    return None
