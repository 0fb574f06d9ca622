import re
from collections.abc import Iterator

from pgassay.model import History, Match, file_name
from pgassay.sql.comments import head


def check(history: History) -> Iterator[Match]:
    for migration in history.proposed:
        comments = head(migration.text)
        missing = tuple(field for field in history.naming.header if not is_given(field, comments))
        if missing:
            file = file_name(migration.path)
            yield Match(migration.start, file=file, missing=missing, first_missing=missing[0])


def is_given(field: str, comments: str) -> bool:
    """`-- Author: Jo`, `* @author Jo`; the field alone says nothing."""
    return re.search(rf"^[\s*/-]*@?{re.escape(field)}[ \t]*[:= \t][ \t]*\S", comments, re.I | re.M) is not None
