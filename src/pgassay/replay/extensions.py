"""`CREATE EXTENSION` on a server that has not got it: a stand-in runs instead, and the report says so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from postgast import pg_query_pb2 as pb

from pgassay.model import Statement, Unchecked
from pgassay.postgres.extensions import AVAILABLE, PREINSTALLED, Plan, PlanKind, plan
from pgassay.postgres.session import Session
from pgassay.sql import names
from pgassay.supabase.privileged import NOTHING

_CREATES = re.compile(r'\bcreate\s+extension\s+if\s+not\s+exists\s+"?([\w-]+)', re.I)


class Extensions:
    """Which extensions the server has, and what ran in place of the others. One for the whole run."""

    def __init__(self, available: frozenset[str], environment: str) -> None:
        self._available = available
        self._environment = environment
        self._merged: dict[str, Plan] = {}
        self._proposed: dict[str, Plan] = {}
        self._used = self._merged
        self._dropped: set[str] = set()
        self._kept: dict[str, str] = {}

    @classmethod
    def of(cls, session: Session, environment: str) -> Extensions:
        return cls(frozenset(row[0] for row in session.rows(AVAILABLE)), environment)

    def begin_proposed(self) -> None:
        """What is used from here on was brought by the change."""
        self._used = self._proposed
        self._kept = {}

    def instead(self, statement: Statement) -> str | None:
        """What to run in place of the statement; None leaves it as it is."""
        tree = statement.tree
        match type(tree).__name__:
            case "CreateExtensionStmt":
                return self._create(tree)
            case "DoStmt":
                return self._inside(statement.text)
            case "DropStmt" if tree.remove_type == pb.OBJECT_EXTENSION:
                return self._drop(names.drops(statement))
            case "AlterExtensionStmt" | "AlterExtensionContentsStmt":
                return self._keep(tree.extname)
            case "AlterObjectSchemaStmt" if tree.object_type == pb.OBJECT_EXTENSION:
                return self._keep(tree.object.string.sval)
            case "CommentStmt" if tree.objtype == pb.OBJECT_EXTENSION and self._is_ours(tree.object.string.sval):
                return NOTHING
        return None

    def _create(self, tree: Any) -> str | None:
        options = {option.def_elem.defname: option.def_elem.arg for option in tree.options}
        schema = options["schema"].string.sval if "schema" in options else None
        again = tree.if_not_exists or tree.extname in self._dropped
        found = plan(tree.extname, schema, self._available, self._environment, if_not_exists=again)
        if found.note:
            self._used[tree.extname] = found
        return found.sql

    def _inside(self, text: str) -> str | None:
        """What a DO block creates is there before it where the server has it; for the rest nothing takes its place."""
        before = ""
        for name in dict.fromkeys(found[1].lower() for found in _CREATES.finditer(text)):
            wanted = plan(name, None, self._available, self._environment)
            if wanted.kind is PlanKind.UNKNOWN:
                self._used[name] = wanted
            elif wanted.kind is PlanKind.REAL and wanted.sql:
                before += f"{wanted.sql};\n"
        return before + text if before else None

    def _drop(self, extensions: tuple[str, ...]) -> str | None:
        """Stand-ins stay, and so do extensions that belong to the superuser; the others go along with them."""
        ours = [name for name in extensions if self._is_ours(name)]
        if not ours:
            return None
        self._dropped.update(ours)
        for name in ours:
            self._kept[name] = f"drop extension {name}"
        others = ", ".join(f'"{name}"' for name in extensions if name not in ours)
        return f"drop extension if exists {others}" if others else NOTHING

    def _keep(self, name: str) -> str | None:
        if not self._is_ours(name):
            return None
        self._kept[name] = f"alter extension {name}"
        return NOTHING

    def _is_ours(self, name: str) -> bool:
        """Not made by the migration role, or not made at all."""
        return name in {*self._merged, *self._proposed, *PREINSTALLED[self._environment]}

    @property
    def some_are_unknown(self) -> bool:
        return any(each.kind is PlanKind.UNKNOWN for each in (*self._merged.values(), *self._proposed.values()))

    def notes(self) -> Iterator[Unchecked]:
        for what in self._kept.values():
            yield Unchecked(what, "it stays as it was on the throwaway server, so what still needs it was not seen")
        merged = {name: found for name, found in self._merged.items() if name not in self._proposed}
        stand_ins = sorted(name for name, found in merged.items() if found.kind is PlanKind.STAND_IN)
        if len(stand_ins) > 1:
            why = "the merged files ask for them; not on the throwaway server, stand-ins took their place"
            yield Unchecked(f"extensions {', '.join(stand_ins)}", why)
            merged = {name: found for name, found in merged.items() if name not in stand_ins}
        for name, found in sorted({**merged, **self._proposed}.items()):
            unjudged = found.kind is PlanKind.UNKNOWN and name in self._proposed
            step = 'postgres = "container:IMAGE" in pgassay.toml, with an image that has it' if unjudged else None
            yield Unchecked(f"extension {name}", found.note or "", step, essential=unjudged)
