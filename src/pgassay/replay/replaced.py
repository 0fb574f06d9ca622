"""A CREATE OR REPLACE FUNCTION before and after it ran: what it stands beside now, and what it lost."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from msgspec import Struct

from pgassay.model import Replaced, Statement
from pgassay.postgres.look import look
from pgassay.postgres.session import Session
from pgassay.replay.shape import creation_schema
from pgassay.sql import names

_FUNCTIONS = """
select p.oid, pg_get_function_identity_arguments(p.oid), p.prosecdef, coalesce(p.proconfig, '{}')::text[],
       array(select coalesce(p.proargnames[k], '')
             from generate_series(1, coalesce(array_length(p.proargnames, 1), 0)) k
             where p.proargmodes is null or p.proargmodes[k] in ('i', 'b', 'v')),
       p.pronargs, p.pronargdefaults
from pg_proc p join pg_namespace n on n.oid = p.pronamespace
where p.prokind in ('f', 'p') and """
_BY_NAME = _FUNCTIONS + "n.nspname = %s and p.proname = %s"
_BY_OID = _FUNCTIONS + "p.oid = any (%s)"
_EXISTING = "select oid from pg_proc where oid >= 16384"


class Function(Struct, frozen=True):
    """`arguments` are the names of what a caller gives; `defaults` counts those that may be left out."""

    oid: int
    identity: str
    definer: bool
    settings: tuple[str, ...]
    arguments: tuple[str, ...]
    number: int
    defaults: int

    def lost_in(self, other: Function) -> tuple[str, ...]:
        """What `other` has no more. Another value of a setting is no loss."""
        kept = {setting.partition("=")[0] for setting in other.settings}
        settings = (setting.partition("=") for setting in self.settings)
        gone = [f"set {name} = {value or chr(39) * 2}" for name, _, value in settings if name not in kept]
        return (*(["security definer"] if self.definer and not other.definer else []), *gone)

    def is_extended_by(self, other: Function) -> bool:
        """Whether the two look like one function before and after a change of its arguments."""
        own, its = set(self.arguments) - {""}, set(other.arguments) - {""}
        if not self.number or not other.number:
            more = other if not self.number else self
            return more.number == more.defaults
        return bool(own and its) and (own <= its or its <= own)


class Replacements:
    """Asked before and after every statement of one session, and about what is left of it at the end."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._existing = frozenset(row[0] for row in look(session, _EXISTING))
        self._name: tuple[str, str] | None = None
        self._then: dict[int, Function] = {}

    def before(self, statement: Statement) -> None:
        tree = statement.tree
        self._name = None
        if statement.kind not in ("CREATE FUNCTION", "CREATE PROCEDURE") or tree is None or not tree.replace:
            return
        parts = names.strings(tree.funcname)
        schema = parts[-2] if len(parts) > 1 else creation_schema(self._session)
        if schema:
            self._name = schema, parts[-1]
            self._then = self._of(*self._name)

    def after(self, statement: Statement) -> Replaced | None:
        """None when it replaced one and kept everything."""
        if self._name is None or not self._then:
            return None
        now, then = self._of(*self._name), self._then
        shown = names.display(*self._name)
        made = [function for oid, function in now.items() if oid not in then]
        if made:
            known = (each for oid, each in then.items() if oid in now and oid in self._existing)
            beside = [each for each in known if each.is_extended_by(made[0])]
            older = tuple(f"{shown}({each.identity})" for each in beside)
            oids = tuple(each.oid for each in beside)
            return Replaced(made[0].oid, f"{shown}({made[0].identity})", older, oids) if beside else None
        for oid, function in then.items():
            lost = function.lost_in(now[oid]) if oid in now and not _says_invoker(statement) else ()
            if lost:
                return Replaced(oid, f"{shown}({function.identity})", lost=lost)
        return None

    def at_the_end(self, replaced: Replaced) -> Replaced | None:
        """Without what a later statement of the change mended."""
        now = _functions(look(self._session, _BY_OID, ([replaced.oid, *replaced.beside_oids],)))
        if replaced.oid not in now:
            return None
        function = now[replaced.oid]
        lost = tuple(each for each in replaced.lost if not _has(function, each))
        pairs = zip(replaced.beside, replaced.beside_oids, strict=True)
        beside = tuple(name for name, oid in pairs if oid in now)
        return Replaced(replaced.oid, replaced.function, beside, lost=lost) if lost or beside else None

    def _of(self, schema: str, name: str) -> dict[int, Function]:
        return _functions(look(self._session, _BY_NAME, (schema, name)))


def _functions(rows: Iterable[tuple[Any, ...]]) -> dict[int, Function]:
    return {row[0]: Function(row[0], row[1], row[2], tuple(row[3]), tuple(row[4]), row[5], row[6]) for row in rows}


def _has(function: Function, lost: str) -> bool:
    if lost == "security definer":
        return function.definer
    name = lost.removeprefix("set ").partition(" =")[0]
    return any(setting.partition("=")[0] == name for setting in function.settings)


def _says_invoker(statement: Statement) -> bool:
    """Whoever writes SECURITY INVOKER means it."""
    options = (node.def_elem for node in statement.tree.options)
    return any(option.defname == "security" and not option.arg.boolean.boolval for option in options)
