"""Which statement of a change is behind a difference. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from pgassay.model import Location, Migration, Statement, Step
from pgassay.proofs.facts import Facts, FunctionFacts, Policy, RelationFacts
from pgassay.proofs.touched import needs
from pgassay.sql import names
from pgassay.sql.edits import first_line

_POLICY = ("CreatePolicyStmt", "AlterPolicyStmt")


class Places:
    def __init__(self, proposed: tuple[Migration, ...], steps: Iterable[Step], before: Facts, after: Facts) -> None:
        self._proposed = proposed
        self._statements = [step.statement for step in steps if step.error is None]
        self._before = before
        self._after = after
        self._needs = after.once(needs)

    def is_new(self, relation: RelationFacts, policy: Policy) -> bool:
        """Made or changed by the change."""
        earlier = self._before.by_key.get(relation.key)
        return earlier is None or policy.definition not in [each.definition for each in earlier.policies]

    def rewrites(self, relation: RelationFacts, command: str) -> bool:
        """The change itself says another thing than before about who may do this."""
        earlier = self._before.by_key.get(relation.key)
        if earlier is None or earlier.rls != relation.rls:
            return True
        was, now = (
            {each.definition for each in one.policies if each.command in ("*", command)} for one in (earlier, relation)
        )
        return was != now

    def is_new_relation(self, relation: RelationFacts) -> bool:
        return relation.key not in self._before.by_key

    def of_policy(self, relation: RelationFacts, policy: str) -> Location:
        def makes(statement: Statement) -> bool:
            tree = statement.tree
            return type(tree).__name__ in _POLICY and tree.policy_name == policy and tree.table.relname == relation.name

        found = self._last(makes) or self._last(lambda statement: policy in statement.text)
        return found or self.of_relation(relation)

    def of_relation(self, relation: RelationFacts) -> Location:
        """The statement that last had to do with who may do what with it, or with what its policies read."""

        def is_about(statement: Statement) -> bool:
            tree = statement.tree
            table = getattr(tree, "relation", None) or getattr(tree, "table", None)
            return getattr(table, "relname", None) == relation.name or relation.name in names.creates(statement)

        def decides(statement: Statement) -> bool:
            kind = type(statement.tree).__name__
            if kind in _POLICY:
                return is_about(statement)
            return kind in ("GrantStmt", "DropStmt") and _mentions(statement, relation.name)

        found = self._last(decides) or self._last(is_about) or self._last(lambda s: _mentions(s, relation.name))
        if found:
            return found
        for _, key in sorted(self._needs.get(("relation", relation.key), ())):
            word = key.partition("(")[0].rpartition(".")[2]
            if found := self._last(lambda statement, word=word: _mentions(statement, word)):  # type: ignore[misc]
                return found
        return self._proposed[-1].start

    def of_function(self, function: FunctionFacts) -> Location:
        """The statement that made it, or else the last that speaks of it."""
        display = function.display.partition("(")[0]
        found = self._last(lambda each: display in names.creates(each))
        found = found or self._last(lambda each: _mentions(each, function.name))
        return found or self._proposed[-1].start

    def grants(self, relation: RelationFacts, role: str) -> bool:
        """A statement of the change grants something on it to that role, both by name."""
        return any(
            type(each.tree).__name__ == "GrantStmt"
            and each.tree.is_grant
            and _mentions(each, relation.name)
            and _mentions(each, role)
            for each in self._statements
        )

    def _last(self, wanted: Callable[[Statement], bool]) -> Location | None:
        return next((first_line(each) for each in reversed(self._statements) if wanted(each)), None)


def _mentions(statement: Statement, word: str) -> bool:
    return re.search(rf"\b{re.escape(word)}\b", statement.text) is not None
