"""Who waited while a statement ran on tables with many rows in them."""

from __future__ import annotations

from msgspec import Struct

from pgassay.model.migration import Migration, Statement


class Blocked(Struct, frozen=True):
    """A proposed statement behind which other sessions were seen waiting. Tables by their names.

    `reads` are those that a session could not read, `writes` those that one could not write to, be they readable or
    not; all of them were there before the change. `seconds` is how long the statement ran with `rows` rows in each of
    the tables `filled`, None when that was not measured; the settings say that the largest one has `production` rows.
    `works` tells that its work grew with them: it wrote all of them, or read them where not even readers get in.
    `kept` are tables that nobody could read since an earlier statement of the same transaction; `since` is the
    statement that had locked all that is blocked, None when this one did some of that itself. `has_a_rule` tells that
    it changes the shape of a table, of which rules about what is seen of single statements speak.
    """

    migration: Migration
    statement: Statement
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    seconds: float | None
    rows: int
    filled: tuple[str, ...] = ()
    production: int | None = None
    works: bool = True
    kept: tuple[str, ...] = ()
    since: Statement | None = None
    has_a_rule: bool = False
