"""What the PL/pgSQL bodies of a change ask for and will not get: told before anybody calls them.

The server looks into such a body when it is first executed and no earlier. There are two ways of looking: the names
that cannot be variables (relations, the columns of INSERT and those that UPDATE sets) against the catalog, which knows
where else something is; and what the server itself says of the body, as far as it is certain. What a body builds as
text stays unread, and one that makes tables, or minds that something may be missing, is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec.structs import replace

from pgassay.model import BrokenBody, MissingInBody, Statement, Step
from pgassay.postgres.look import look
from pgassay.postgres.session import Session
from pgassay.replay.body_errors import FUNCTION, OF_TRIGGER, Function, Said, functions, said
from pgassay.replay.certainty import FOREIGN, Certainty, speaks_of
from pgassay.sql import names
from pgassay.sql.plpgsql import body_of, named

CAUTIOUS = re.compile(
    r"\bcreate\s+(?:local\s+|global\s+|unlogged\s+)*(?:temp|temporary|table|unlogged)\b"
    r"|\bundefined_(?:table|column|function|object)\b|\bwhen\s+others\b|to_reg(?:class|proc|procedure|type)\b"
    r"|information_schema|pg_catalog\.pg_|\bpg_(?:class|tables|proc|type|attribute|namespace|extension)\b"
    r"|\bset_config\s*\(\s*(?!'(?:request|app|my|role)\b)|\bset\s+(?:local\s+|session\s+)?(?:schema|search_path)\b",
    re.I,
)
_RELATIONS = """
select n.nspname::text, c.relname::text,
       array(select a.attname::text from pg_attribute a where a.attrelid = c.oid and not a.attisdropped)
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relname = any (%s) and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
"""


def examined(session: Session, steps: list[Step], failed: list[Statement], *, blind: bool = False) -> list[Step]:
    """The steps with what their functions ask for in vain, by the schema as it is now.

    `failed` are statements that did not run here. A relation that they speak of may have another shape in production;
    one that is not there at all may have been made in a way that nobody wrote down. `blind` says that extensions are
    missing, and what they bring.
    """
    broken = "\n".join(statement.text.lower() for statement in failed)
    own = {body[0] for step in steps if (body := body_of(step.statement))}
    told: list[Step] = []
    for step in steps:
        if type(step.statement.tree).__name__ == "CreateTrigStmt" and not step.error:
            told.append(_with_trigger(session, step, own, broken if failed else None, blind=blind))
            continue
        found = _function(session, step.statement) if step.error is None else None
        if found is None:
            told.append(step)
            continue
        function, offset = found
        missing = [
            each
            for each in _missing(session, function, offset)
            if not failed or (each.column and not speaks_of(broken, each.relation))
        ]
        certainty = Certainty(session, function, broken if failed else None, blind=blind)
        errors = [
            each
            for each in said(session, function)
            if not any(_is_about(each, other) for other in missing) and certainty.of(each)
        ]
        told.append(
            replace(
                step,
                missing_in_body=tuple(missing),
                broken_body=tuple(
                    BrokenBody(each.message, each.sqlstate, offset + each.offset, each.table) for each in errors
                ),
            )
        )
    return told


def _with_trigger(session: Session, step: Step, own: set[str], broken: str | None, *, blind: bool) -> Step:
    """With the fields that a function of before the change looks for in vain in the rows of this table."""
    tree = step.statement.tree
    table, schema = tree.relation.relname, tree.relation.schemaname or None
    found = functions(look(session, OF_TRIGGER, (tree.trigname, table, schema, schema)))
    errors: list[BrokenBody] = []
    for function in found:
        here = tuple(each for each in function.triggers if each.type.rpartition(".")[2].strip('"') == table)
        if function.body in own or not here or CAUTIOUS.search(function.body):
            continue
        certainty = Certainty(session, function, broken, blind=blind)
        errors += (
            BrokenBody(each.message, each.sqlstate, 0, each.table)
            for each in said(session, replace(function, triggers=here[:1]))
            if each.is_about_a_row and certainty.of(each)
        )
    return replace(step, broken_body=tuple(dict.fromkeys(errors)))


def _function(session: Session, statement: Statement) -> tuple[Function, int] | None:
    """None as well for one that a later statement has replaced or dropped."""
    found = body_of(statement)
    if found is None or CAUTIOUS.search(found[0]):
        return None
    body, offset = found
    *schema, name = names.strings(statement.tree.funcname)
    home = schema[-1] if schema else None
    there = functions(look(session, FUNCTION, (name, home, home, body)))
    return (there[0], offset) if there else None


def _is_about(error: Said, missing: MissingInBody) -> bool:
    name = missing.column or missing.relation.rpartition(".")[2]
    return f'"{name}"' in error.message or f'.{name}"' in error.message


def _missing(session: Session, function: Function, offset: int) -> Iterator[MissingInBody]:
    path = function.path
    transition = {name for trigger in function.triggers for name in (trigger.old, trigger.new)}
    searched = [part.strip().strip('"') for part in path.split(",")] if path is not None else None
    found = [each for each in named(function.body) if each.relation not in transition and each.schema not in FOREIGN]
    relations = look(session, _RELATIONS, ([each.relation for each in found],)) if found else []
    told: set[tuple[str, str | None]] = set()
    for each in found:
        anywhere = [row for row in relations if row[1] == each.relation]
        reachable = [
            row
            for row in anywhere
            if (row[0] == each.schema if each.schema else searched is None or row[0] in (*searched, "pg_catalog"))
        ]
        display = names.display(each.schema, each.relation)
        absent: list[str | None] = [None] if not reachable else []
        if len(reachable) == 1:
            absent = [column for column in each.columns if column not in reachable[0][2]]
        for column in absent:
            if (display, column) not in told:
                told.add((display, column))
                lost = anywhere and not each.schema and not reachable
                elsewhere = f"{anywhere[0][0]}.{each.relation}" if lost else None
                yield MissingInBody(display, offset + each.offset, column, elsewhere, path)
