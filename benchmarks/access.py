"""Times the access proof of a small change on a schema of 50 tables: `python -m benchmarks.access`."""

from __future__ import annotations

from statistics import median

from pgassay.catalogue.load import builtin_rules
from pgassay.history import history_of
from pgassay.pipeline import review, throwaway_server
from pgassay.project import Project
from pgassay.settings import Settings
from pgassay.sql import read
from tests.benches import borrowed

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
    merged = {f"{FOLDER}/20260101000000_base.sql": "".join(TABLE.format(n=n, parent=max(n - 1, 0)) for n in range(50))}
    changes = {
        "one policy": "create policy everybody on t7 for select to anon using (state = 'done');",
        "every table": "\n".join(f"grant select on t{n} to anon; alter table t{n} add note text;" for n in range(50)),
    }
    rules = builtin_rules()
    with throwaway_server() as bench:
        for name, text in changes.items():
            current = {**merged, f"{FOLDER}/20260201000000_change.sql": text}
            history = history_of(merged, current, folder=FOLDER, layout="supabase", read=read)
            project = Project(history, Settings(), rules, "supabase")
            reports = [review(project, borrowed(bench)) for _ in range(RUNS)]
            seconds = sorted(report.seconds["prove"] for report in reports)
            tried = f"access of {len(reports[0].access)} of 50 tables ({name})"
            print(f"{tried:<44}{median(seconds):>8.2f} s ({seconds[0]:.2f} to {seconds[-1]:.2f})")


if __name__ == "__main__":
    main()
