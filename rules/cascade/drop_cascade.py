import re
from collections.abc import Iterator

from pgassay.model import Dropped, Match, Statement, Step
from pgassay.sql import edits, names

COMMENTS = re.compile(r"--[^\n]*|/\*.*?\*/", re.S)
# In the body of a DO block or of a procedure; `on delete cascade` is something else.
IN_BODY = re.compile(r"\bdrop\b[^;]*\bcascade\b", re.I)
# DROP_CASCADE of libpg_query's DropBehavior
CASCADE = 2
READ = ("DROP ", "ALTER TABLE")


def check(step: Step) -> Iterator[Match]:
    if not cascades(step.statement):
        return
    own = own_table(step.statement)
    also = tuple(
        f"{dropped.kind.removeprefix('table ')} {dropped.name}"
        for dropped in step.dropped
        if not dropped.named and not dropped.restored and not goes_anyway(dropped, own)
    )
    if also:
        yield Match(edits.first_line(step.statement), subject=", ".join(also), also=also)


def cascades(statement: Statement) -> bool:
    """From the tree where there is one to tell; from the words of a body otherwise."""
    tree = statement.tree
    if tree is None or not statement.kind.startswith(READ):
        return IN_BODY.search(COMMENTS.sub(" ", statement.text)) is not None
    # ALTER TABLE ... RENAME and the like have no commands, and take nothing along.
    commands = [node.alter_table_cmd for node in getattr(tree, "cmds", ())]
    behaviors = [tree] if statement.kind.startswith("DROP ") else commands
    return any(getattr(each, "behavior", None) == CASCADE for each in behaviors)


def goes_anyway(dropped: Dropped, own: str | None) -> bool:
    """A column takes the constraints of its own table along without being told to."""
    return own is not None and dropped.kind == "table constraint" and dropped.name.endswith(f" on {own}")


def own_table(statement: Statement) -> str | None:
    return names.relation(statement.tree.relation) if statement.kind == "ALTER TABLE" and statement.tree else None
