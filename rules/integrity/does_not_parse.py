from collections.abc import Iterator

from pgassay.model import Match, Migration, Statement


def check(statement: Statement, migration: Migration) -> Iterator[Match]:
    if statement.problem:
        # One per place: two statements may well break with the same words.
        subject = f"{migration.name}: {statement.problem.message}"
        encoding = "UTF-8" if (migration.unreadable or "").startswith("is not UTF-") else None
        yield Match(statement.problem.location, subject=subject, problem=statement.problem.message, encoding=encoding)
