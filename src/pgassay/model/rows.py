"""What became of rows that were there before the change."""

from __future__ import annotations

from msgspec import Struct

from pgassay.model.migration import Statement
from pgassay.model.place import Location
from pgassay.model.seen import ServerError


class Stopped(Struct, frozen=True):
    """A statement of the change that goes through without rows and fails with them, in the server's words.

    `always` tells that it fails whatever the rows of `table` hold. Otherwise the others say what was wrong with the
    row that it failed on: these `columns` had no value (`no_value`), or the same as another row (`same`), `held` this
    (`price = -1`), or pointed to no row of `referenced`. `find` is a query for such rows.
    """

    statement: Statement
    error: ServerError
    at: Location
    table: str | None = None
    columns: tuple[str, ...] = ()
    always: bool = False
    no_value: bool = False
    same: bool = False
    held: tuple[str, ...] = ()
    referenced: str | None = None
    find: str | None = None

    @property
    def subject(self) -> str:
        """The column where there is one, else the table, else the words."""
        if self.table and len(self.columns) == 1:
            return f"{self.table}.{self.columns[0]}"
        return self.table or self.error.message


class Lost(Struct, frozen=True):
    """Rows of a table that the change left with fewer than it had, though no statement says so.

    `made_again` tells that it is another table of that name.
    """

    table: str
    before: int
    after: int
    at: Location
    made_again: bool = False


class LostValues(Struct, frozen=True):
    """Values of a column that are gone while their rows are there, though no statement says `update` of the table."""

    table: str
    column: str
    number: int
    example: str
    at: Location


class Preserved(Struct, frozen=True):
    """What the change did on a database with rows in every table that it touches."""

    stopped: tuple[Stopped, ...] = ()
    lost: tuple[Lost, ...] = ()
    lost_values: tuple[LostValues, ...] = ()
