import re
from collections.abc import Iterator

from pgassay.model import Match, Step
from pgassay.sql import edits

# Only what gives a name: a later statement that uses it is told the same.
GIVES_A_NAME = ("CREATE", "ALTER TABLE", "ALTER TYPE")
CUT = re.compile(r'identifier "(?P<written>.*)" will be truncated to "(?P<kept>.*)"', re.S)


def check(step: Step) -> Iterator[Match]:
    if not step.statement.kind.startswith(GIVES_A_NAME):
        return
    told = set()
    for notice in step.notices:
        found = CUT.fullmatch(notice.message) if notice.sqlstate == "42622" else None
        if found and found["written"] not in told:
            told.add(found["written"])
            yield Match(edits.first_line(step.statement), written=found["written"], kept=found["kept"])
