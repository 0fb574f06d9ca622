"""Whether a statement takes along what depends on the objects that it drops."""

from __future__ import annotations

import re

from pgassay.model import Statement
from pgassay.sql import names

_COMMENTS = re.compile(r"--[^\n]*|/\*.*?\*/", re.S)
# In the body of a DO block or of a procedure; `on delete cascade` is something else.
_IN_BODY = re.compile(r"\bdrop\b[^;]*\bcascade\b", re.I)
# DROP_CASCADE of libpg_query's DropBehavior
_CASCADE = 2
_READ = ("DROP ", "ALTER TABLE")


def cascades(statement: Statement) -> bool:
    """From the tree where there is one to tell; from the words of a body otherwise."""
    tree = statement.tree
    if tree is None or not statement.kind.startswith(_READ):
        return _IN_BODY.search(_COMMENTS.sub(" ", statement.text)) is not None
    # ALTER TABLE ... RENAME and the like have no commands, and take nothing along.
    commands = [node.alter_table_cmd for node in getattr(tree, "cmds", ())]
    behaviors = [tree] if statement.kind.startswith("DROP ") else commands
    return any(getattr(each, "behavior", None) == _CASCADE for each in behaviors)


def own_table(statement: Statement) -> str | None:
    """The table of an ALTER TABLE."""
    return names.relation(statement.tree.relation) if statement.kind == "ALTER TABLE" and statement.tree else None
