from collections.abc import Iterator

from pgassay.model import KeptRight, Match, Step
from pgassay.sql import edits

KINDS = {"f": "function ", "r": "", "n": "schema "}


def check(step: Step) -> Iterator[Match]:
    """One finding for each way by which something is left: a REVOKE can name many objects and roles."""
    ways: dict[tuple[str, bool], list[KeptRight]] = {}
    for right in step.kept_rights:
        way = ("" if right.own else right.through, right.own)
        ways.setdefault(way, []).append(right)
    for (through, own), rights in ways.items():
        roles = tuple(sorted({right.role for right in rights}))
        objects = tuple(sorted({KINDS[right.kind] + right.object for right in rights}))
        privileges = tuple(sorted({right.privilege for right in rights}))
        yield Match(
            edits.first_line(step.statement),
            subject=", ".join(objects),
            roles=() if own else roles,
            roles_by_default=roles if own else (),
            privileges=privileges,
            objects=objects,
            through=through,
            instead=instead(rights, through, roles),
        )


def instead(rights: list[KeptRight], through: str, roles: tuple[str, ...]) -> str | None:
    """A sentence to type, for one object; who reads of fifty knows how to write the others."""
    right = rights[0]
    privileges = ", ".join(sorted({each.privilege for each in rights}))
    if through in roles:
        # The grant on the whole table, beside the column that was meant.
        return f"revoke {privileges} on {right.object} from {through}, then grant it on the columns that may be written"
    revoked_from = ", ".join(roles) if right.own else through.lower()
    return f"revoke {privileges} on {KINDS[right.kind]}{right.object} from {revoked_from};"
