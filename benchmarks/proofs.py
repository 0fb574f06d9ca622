"""Times every proof of one proposed file on 15, 30 and 60 tables: `python -m benchmarks.proofs`.

The file touches all of the tables, builds an index and writes a table anew; people run it by hand, so that it is also
tried twice, and it has a way back. Three personas come from every project: `anon` and two users with rows of their own.
"""

from __future__ import annotations

from statistics import median

from msgspec.structs import replace

from benchmarks.access import TABLE
from pgassay.catalogue.load import builtin_rules
from pgassay.history import history_of
from pgassay.model import Report
from pgassay.pipeline import review
from pgassay.project import Project
from pgassay.replay.bench import Bench
from pgassay.settings import Settings
from pgassay.sql import read
from pgassay.stages.server import throwaway_server
from tests.benches import borrowed

SIZES = (15, 30, 60)
RUNS = 5
FOLDER = "migrations"


def main() -> None:
    with throwaway_server() as bench:
        found = {tables: [_review(tables, bench) for _ in range(RUNS)] for tables in SIZES}
    names = [name for name in found[SIZES[0]][0].seconds if name.startswith("prove.")]
    print(f"{'proofs of one file, seconds':<44}" + "".join(f"{tables:>4} tables" for tables in SIZES))
    for name in (*names, "prove"):
        figures = (median(report.seconds[name] for report in reports) for reports in found.values())
        print(
            f"{name.removeprefix('prove.') if name != 'prove' else 'all of them':<44}"
            + "".join(map("{:>11.2f}".format, figures))
        )


def _review(tables: int, bench: Bench) -> Report:
    merged = {f"{FOLDER}/001_base.sql": "".join(TABLE.format(n=n, parent=max(n - 1, 0)) for n in range(tables))}
    there_and_back = ["-- +goose Up", *_change(tables), "-- +goose Down", *_back(tables)]
    current = {**merged, f"{FOLDER}/002_change.sql": "\n".join(there_and_back)}
    history = history_of(merged, current, folder=FOLDER, layout="plain", read=read)
    history = replace(history, proposed=tuple(replace(each, runs_once=False) for each in history.proposed))
    return review(Project(history, Settings(), builtin_rules(), "supabase"), borrowed(bench))


def _change(tables: int) -> list[str]:
    return [
        *(f"grant select on t{n} to anon;" for n in range(tables)),
        *(f"alter table t{n} add column if not exists note text;" for n in range(tables)),
        "create index if not exists t0_state on t0 (state);",
        "alter table t1 alter column amount type numeric(12, 2);",
    ]


def _back(tables: int) -> list[str]:
    return [
        "drop index t0_state;",
        "alter table t1 alter column amount type numeric;",
        *(f"alter table t{n} drop column note;" for n in range(tables)),
        *(f"revoke select on t{n} from anon;" for n in range(tables)),
    ]


if __name__ == "__main__":
    main()
