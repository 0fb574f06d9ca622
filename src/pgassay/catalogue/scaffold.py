"""The two files of a new rule. They load as they are, and their examples are those of the check beside them."""

from __future__ import annotations

import re
from pathlib import Path

from pgassay import __version__
from pgassay.errors import UsageError
from pgassay.model import Rule, Stage

STAGES = (Stage.STATIC, Stage.CATALOG, Stage.TRACE, Stage.HISTORY)

_PAGE = """---
stage: {stage}
severity: warning
since: {version}
environment: postgres
---
# {title}

> `{{table}}` is still called as in the template.
>
> Instead: `{{better}}`

To do: say here why it matters, in a few sentences, and put your own message above. The examples below are those of the
check as it was written by `pgassay rules new`; replace all three together.

```sql base
create table customers (id bigint primary key);
```

```sql bad
{bad}
```

## Do this instead

```sql good
{good}
```
"""
_BAD = "create table replace_me (id bigint primary key);  -- flagged"
_GOOD = "create table invoices (id bigint primary key);"
_FILE_BAD = "-- file: 20260101000000_replace_me.sql  -- flagged\ncreate table invoices (id bigint primary key);"
_FILE_GOOD = "-- file: 20260101000000_invoices.sql\ncreate table invoices (id bigint primary key);"

_STATIC = """from collections.abc import Iterator

from pgassay.model import Match, Migration, Statement
from pgassay.sql import names


def check(statement: Statement, migration: Migration) -> Iterator[Match]:
    # To do: your own condition. `statement.tree` is the parsed statement, None for one that cannot be parsed.
    for name in names.creates(statement):
        if name == "replace_me":
            yield Match(statement, table=name, better="invoices")
"""
_TRACE = """from collections.abc import Iterator

from pgassay.model import Match, Step
from pgassay.sql import names


def check(step: Step) -> Iterator[Match]:
    # To do: your own condition. `step` has the locks, rewrites, scans, notices and errors that were seen.
    if step.error is None and "replace_me" in names.creates(step.statement):
        yield Match(step.statement, table="replace_me", better="invoices")
"""
_HISTORY = """from collections.abc import Iterator

from pgassay.model import History, Match


def check(history: History) -> Iterator[Match]:
    # To do: your own condition. `history.base` is merged, `history.proposed` comes with the change.
    for migration in history.proposed:
        if migration.name == "replace_me":
            yield Match(migration.start, table=migration.name, better="invoices")
"""
_CATALOG = """-- To do: your own condition. A row that is there after the change and was not before it is a finding.
select
  'pg_class'::regclass as classid,
  c.oid as objid,
  0 as objsubid,
  c.relname as table,
  'invoices' as better
from pg_class c
where c.relkind in ('r', 'p') and c.relname = 'replace_me'
"""
_CHECKS = {Stage.STATIC: _STATIC, Stage.TRACE: _TRACE, Stage.HISTORY: _HISTORY, Stage.CATALOG: _CATALOG}


def new_rule(folder: Path, name: str, stage: Stage, known: tuple[Rule, ...]) -> tuple[Path, Path]:
    """Writes page and check of GROUP/NAME. Raises UsageError for a name that cannot be one, or is taken."""
    if not re.fullmatch(r"[a-z][a-z0-9_]*/[a-z][a-z0-9_]*", name):
        raise UsageError(f"{name}: write GROUP/NAME in lower case, for instance naming/table_without_comment.")
    stem = name.partition("/")[2]
    if any(rule.id == stem for rule in known):
        raise UsageError(f"{name}: a rule called {stem} exists already; choose another name.")
    page = folder / f"{name}.md"
    check = page.with_suffix(".sql" if stage is Stage.CATALOG else ".py")
    for path in (page, page.with_suffix(".py"), page.with_suffix(".sql")):
        if path.exists():
            raise UsageError(f"{path}: exists already; choose another name.")
    about_a_file = stage is Stage.HISTORY
    text = _PAGE.format(
        stage=stage,
        version=__version__,
        title=stem.replace("_", " ").capitalize(),
        bad=_FILE_BAD if about_a_file else _BAD,
        good=_FILE_GOOD if about_a_file else _GOOD,
    )
    try:
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(text, encoding="utf-8")
        check.write_text(_CHECKS[stage], encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{page}: {error.strerror}; choose a folder that can be written.") from None
    return page, check
