"""A complete rule in two files, for tests that leave something out of it."""

from __future__ import annotations

from pathlib import Path

PAGE = """\
---
stage: static
severity: warning
since: 0.1.0
---
# Blue table

> The table `{table}` is blue.
>
> Seen: it has {columns}
>
> Instead: `{better}`

Blue tables are hard to see.

```sql bad
create table blue_sky ();  -- flagged
```

## Do this instead

```sql good
create table sky ();
```
"""

CHECK = """\
from collections.abc import Iterator

from pgassay.model import Match, Migration, Statement
from pgassay.sql import names


def check(statement: Statement, migration: Migration) -> Iterator[Match]:
    for name in names.creates(statement):
        if name.startswith("blue_"):
            yield Match(statement, table=name, columns=(), better=name.removeprefix("blue_"))
"""

QUERY = """\
select 'pg_class'::regclass as classid, c.oid as objid, 0 as objsubid,
  c.relname as table, array['a'] as columns, 'x' as better
from pg_class c
where c.relname like 'blue%'
"""


def write_rule(
    folder: Path, name: str = "colours/blue_table", *, page: str | None = PAGE, check: str | None = CHECK, **more: str
) -> Path:
    """Writes page and check and returns the path of the page. `more` are other files by their ending."""
    stem = folder / name
    stem.parent.mkdir(parents=True, exist_ok=True)
    ending = "sql" if page and "stage: catalog" in page else "py"
    for ending_, text in {"md": page, ending: check, **more}.items():
        if text is not None:
            stem.with_suffix(f".{ending_}").write_text(text, encoding="utf-8")
    return stem.with_suffix(".md")
