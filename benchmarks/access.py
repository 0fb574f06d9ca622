"""Times the access proof alone, of a change and of a whole schema: `python -m benchmarks.access`."""

from __future__ import annotations

import time
from statistics import median

from msgspec.structs import replace

from pgassay.history import history_of
from pgassay.model.expectation import NOTHING, Asked
from pgassay.project import Project
from pgassay.proofs.access.stage import try_access
from pgassay.replay.bench import Bench
from pgassay.replay.ground import Ground
from pgassay.replay.replay import replay
from pgassay.settings import Settings
from pgassay.sql import read
from pgassay.stages.plan import plan_of
from pgassay.stages.server import throwaway_server

FOLDER = "supabase/migrations"
TABLE = """
create table t{n} (
  id bigint generated always as identity primary key,
  user_id uuid not null references auth.users (id),
  parent_id bigint references t{parent} (id),
  state text not null default 'new' check (state in ('new', 'done')),
  amount numeric not null check (amount > 0)
);
alter table t{n} enable row level security;
create policy own on t{n} for all to authenticated using (user_id = (select auth.uid()));
"""
RUNS = 5


def main() -> None:
    with throwaway_server() as bench:
        _time(bench, 50, "one policy", "create policy everybody on t7 for select to anon using (state = 'done');")
        changed = "\n".join(f"grant select on t{n} to anon; alter table t{n} add note text;" for n in range(50))
        _time(bench, 50, "every table", changed)
        _time(bench, 30, "the whole matrix", "select 1;", Asked(everything=True))


def _time(bench: Bench, tables: int, name: str, change: str, asked: Asked = NOTHING) -> None:
    merged = {
        f"{FOLDER}/20260101000000_base.sql": "".join(TABLE.format(n=n, parent=max(n - 1, 0)) for n in range(tables))
    }
    current = {**merged, f"{FOLDER}/20260201000000_change.sql": change}
    history = history_of(merged, current, folder=FOLDER, layout="supabase", read=read)
    plan = replace(plan_of(Project(history, Settings(), (), "supabase")), rules=())
    seconds: list[float] = []
    reached: list[int] = []

    def prove(ground: Ground) -> None:
        started = time.perf_counter()
        reached.append(len(try_access(ground, asked).access))
        seconds.append(time.perf_counter() - started)

    for _ in range(RUNS):
        replay(bench, plan, prove)
    seconds.sort()
    tried = f"access of {reached[0]} of {tables} tables ({name})"
    print(f"{tried:<44}{median(seconds):>8.2f} s ({seconds[0]:.2f} to {seconds[-1]:.2f})")


if __name__ == "__main__":
    main()
