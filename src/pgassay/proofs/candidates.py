"""Which values go together: candidates for every column, and the server's judgement of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import product

from pgassay.proofs.attempts import Attempts, literal
from pgassay.proofs.facts import Column, RelationFacts, quoted

_MOST_COMBINATIONS = 2_000
_MOST_ALONE = 60

Values = dict[str, str | None]
Pools = Mapping[str, list[str | None]]


def checks(relation: RelationFacts) -> list[tuple[frozenset[str], str]]:
    """The columns and the expression of each CHECK."""
    return [(frozenset(each.columns), each.expression) for each in relation.constraints if each.expression]


def passing(attempts: Attempts, column: Column, pool: Iterable[str | None]) -> list[str | None]:
    """Those that the column's domain takes: a value of it has to pass before it can be put anywhere."""
    tests = [literal(check).replace("VALUE", f"(%s::{column.base})") for check in column.checks]
    query = "select " + " and ".join(f"(({test}) is not false)" for test in tests)
    count = sum(test.count("%s") for test in tests)
    return [value for value in pool if (attempts.try_(query, [value] * count)[0] or [(False,)])[0][0]]


def judged(attempts: Attempts, relation: RelationFacts, pools: Pools) -> Values:
    """The first candidates of every column that pass the checks together."""
    chosen: Values = {name: pool[0] for name, pool in pools.items()}
    for names, expressions in _groups(checks(relation)):
        open_names = [name for name in names if name in pools]
        sizes = [len(pools[name]) for name in open_names]
        while sizes and _product(sizes) > _MOST_COMBINATIONS:
            sizes[sizes.index(max(sizes))] -= 1
        choices = list(product(*(pools[n][:size] for n, size in zip(open_names, sizes, strict=True))))
        found = _first_passing(attempts, relation, names, open_names, choices, expressions)
        if found is not None:
            chosen |= dict(zip(open_names, found, strict=True))
    return chosen


def _first_passing(
    attempts: Attempts,
    relation: RelationFacts,
    names: Iterable[str],
    open_names: list[str],
    choices: list[tuple[str | None, ...]],
    expressions: list[str],
) -> tuple[str | None, ...] | None:
    if not open_names:
        return None
    given = ", ".join(f"c{n}::{relation.by_name[name].type} as {quoted(name)}" for n, name in enumerate(open_names))
    rest = "".join(
        f", ({literal(column.default or 'null')})::{column.type} as {quoted(name)}"
        for name in names
        if name not in open_names and not (column := relation.by_name[name]).generated
    )
    lists = ", ".join("%s::text[]" for _ in open_names)
    cells = ", ".join(f"c{n}" for n in range(len(open_names)))
    passes = " and ".join(f"(({literal(expression)}) is not false)" for expression in expressions)
    query = (
        f"select n from (select n, {given}{rest} from unnest({lists}) with ordinality as u ({cells}, n) offset 0)"
        f" as t where {passes} order by n limit 1"
    )
    found, _ = attempts.try_(query, [list(column) for column in zip(*choices, strict=True)])
    if found is None:
        # A candidate that is no value of its type, or fails in the expression, spoils them all.
        for choice in choices[:_MOST_ALONE]:
            alone, _ = attempts.try_(query, [[value] for value in choice])
            if alone:
                return choice
        return None
    return choices[found[0][0] - 1] if found else None


def _groups(given: list[tuple[frozenset[str], str]]) -> list[tuple[list[str], list[str]]]:
    """Checks that share a column are judged together."""
    groups: list[tuple[frozenset[str], list[str]]] = []
    for names, expression in given:
        sharing = [group for group in groups if group[0] & names]
        merged = names.union(*(group[0] for group in sharing))
        groups = [group for group in groups if group not in sharing]
        groups.append((merged, [*(text for group in sharing for text in group[1]), expression]))
    return [(sorted(names), texts) for names, texts in groups]


def _product(sizes: list[int]) -> int:
    total = 1
    for size in sizes:
        total *= size
    return total
