"""What a replay is asked to do."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from msgspec import Struct

from pgassay.model import History, Migration, Rule
from pgassay.model.given import NOTHING_GIVEN, Given
from pgassay.supabase.privileges import DefaultPrivileges


class Plan(Struct, frozen=True):
    """What to replay. `baseline` is a schema dump applied before the first file; `progress` hears what comes next.

    `table_rows` are rows in production, by regular expressions for table names. `extra_search_path` are schemas that a
    request of Supabase's Data API finds names in, besides the one it is for.
    `given` is what the settings say of rows that are made up.
    `elsewhere` gives the file outside the migrations that declares each of some names, where there is one.
    `reads_schema` asks for the schema as application code meets it, before and after; `queries` are prepared on it.
    """

    history: History
    environment: str
    rules: tuple[Rule, ...]
    parameters: Mapping[str, Any]
    baseline: Migration | None = None
    progress: Callable[[str], None] = lambda _: None
    privileges: DefaultPrivileges = DefaultPrivileges("legacy")
    extra_search_path: tuple[str, ...] | None = None
    reads_schema: bool = False
    queries: tuple[str, ...] = ()
    table_rows: Mapping[str, int] = {}
    given: Given = NOTHING_GIVEN
    elsewhere: Callable[[Collection[str]], Mapping[str, str]] = lambda _: {}

    @property
    def cut_over(self) -> Migration | None:
        """The first file that runs under Supabase's new default privileges, if the history gets that far."""
        if self.environment != "supabase":
            return None
        return self.privileges.begins_with((*self.history.base, *self.history.proposed))
