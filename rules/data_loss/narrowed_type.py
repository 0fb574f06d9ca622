import re
from collections.abc import Iterator

from pgassay.model import Match, Step
from pgassay.sql import edits, locate

INTEGERS = ("smallint", "integer", "bigint")
FLOATS = ("real", "double precision")
TEXTS = ("text", "character varying", "character")
TYPE = re.compile(r"^([a-z ]+?)(?:\((\d+)(?:,(\d+))?\))?( with(?:out)? time zone)?$")


def check(step: Step) -> Iterator[Match]:
    for changed in step.retyped:
        effects = narrows(changed.before, changed.after)
        if effects:
            parts = locate.parts(step.statement)
            part = next((part for part in parts if getattr(part.node, "name", None) == changed.column), None)
            yield Match(
                locate.part_location(step.statement, part) if part else edits.first_line(step.statement),
                subject=f"{changed.table.name}.{changed.column}",
                column=changed.column,
                table=changed.table.name,
                before=changed.before,
                after=changed.after,
                length=effects.get("length"),
                range=effects.get("range"),
                digits=effects.get("digits"),
                rounded=effects.get("rounded"),
                day=effects.get("day"),
            )


def narrows(before: str, after: str) -> dict[str, str | int]:
    """What the server refuses in the new type (length, range, digits) and what it cuts off (rounded, day)."""
    old, new = TYPE.match(before), TYPE.match(after)
    if not old or not new:
        return {}
    was, now = old[1], new[1]
    if was in TEXTS and now in TEXTS and new[2] and (not old[2] or int(new[2]) < int(old[2])):
        return {"length": int(new[2])}
    if was in INTEGERS and now in INTEGERS and INTEGERS.index(now) < INTEGERS.index(was):
        return {"range": after}
    if was == "timestamp" and now == "date":
        return {"day": after}
    if was == now == "numeric" and new[2]:
        return digits(old, new, after)
    if was in ("numeric", *FLOATS) and now in (*INTEGERS, *FLOATS) and (was, now) != ("real", "double precision"):
        whole = was == "numeric" and old[2] and not int(old[3] or 0)
        return {} if was == now or (whole and now not in INTEGERS) else {"range" if whole else "rounded": after}
    return {}


def digits(old: re.Match[str], new: re.Match[str], after: str) -> dict[str, str | int]:
    """Of two forms of numeric(precision, scale)."""
    effects: dict[str, str | int] = {}
    before_point = int(new[2]) - int(new[3] or 0)
    if not old[2] or int(old[2]) - int(old[3] or 0) > before_point:
        effects["digits"] = before_point
    if not old[2] or int(old[3] or 0) > int(new[3] or 0):
        effects["rounded"] = after
    return effects
