"""Allow comments in application code: `// pgassay: allow RULE because REASON [until 2027-01-31]`, `#` in Python."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from pgassay.model import AllowComment, Location

_ALLOW = re.compile(
    r"(?://|#|/\*|\{/\*)\s*pgassay:\s*allow\s+(?P<rule>[a-z0-9_]+)\s+because\s+(?P<reason>\S.*?)"
    r"(?:\s+until\s+(?P<until>\d{4}-\d\d-\d\d))?\s*(?:\*/\}?)?\s*$"
)


def allow_comments(path: str, text: str) -> Iterator[AllowComment]:
    """A comment covers its own line and, when it stands alone, the next one that is no comment."""
    if "pgassay:" not in text:
        return
    lines = text.splitlines()
    for number, line in enumerate(lines, 1):
        found = _ALLOW.search(line)
        if found is None or not _is_date(found["until"]):
            continue
        last = number
        if not line[: found.start()].strip():
            last = next((n for n in range(number + 1, len(lines) + 1) if not _is_comment(lines[n - 1])), number)
        reason = " ".join(found["reason"].split())
        at = Location(path, number, number)
        yield AllowComment(found["rule"], reason, found["until"], at, range(number, last + 1))


def _is_comment(line: str) -> bool:
    return line.strip().startswith(("//", "#", "/*", "{/*"))


def _is_date(written: str | None) -> bool:
    try:
        return written is None or bool(date.fromisoformat(written))
    except ValueError:
        return False
