import re
from collections.abc import Iterator

from pgassay.model import Match, Step
from pgassay.sql import edits

# unsafe_new_enum_value_usage
UNSAFE = "55P04"
# The type as format_type() writes it: quoted and qualified where it has to be.
WORDS = re.compile(r'"(?P<value>.*)" of enum type (?P<type>.+)')


def check(step: Step) -> Iterator[Match]:
    if step.error and step.error.sqlstate == UNSAFE:
        words = WORDS.search(step.error.message)
        value, kind = words.group("value", "type") if words else ("", "")
        yield Match(
            edits.error_location(step.statement, step.error),
            subject=f"{kind}: {value}",
            value=value or step.error.message,
            type=kind or None,
            sqlstate=step.error.sqlstate,
        )
