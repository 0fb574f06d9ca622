"""`python -m benchmarks.container`: from the start of the action's container to the review on the pull request.

The image of `make image`, run as the runner does and without a network, on a folder of 50 migrations with one of them
proposed or all. Once with the container's /tmp on this machine's disk, as on GitHub, and once in memory: the data
directory of the server lies there, and what its two thousand files cost differs by a factor of thirty. The median of
five runs after one that does not count; the parts are those of the report.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.folder import write
from tests.action.container_run import started
from tests.action.sealed import docker
from tests.fake_github import FakeGitHub, PullRequest, Repository

IMAGE = os.environ.get("PGASSAY_IMAGE", "pgassay:dev")
FILES = 50
RUNS = 5
# So that there is something to say.
FAULT = "create table public.audit_log (id bigint primary key generated always as identity, what text);\n"


def main() -> None:
    print(
        f"{FILES} files, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {_new_file():.2f} ms for a new file\n"
    )
    print(f"{'':<36}{'review after':>14}{'least':>10}{'ended after':>14}")
    with tempfile.TemporaryDirectory(prefix="pgassay-bench-") as scratch:
        for name, merged in (("one proposed", FILES - 1), ("all proposed", 0)):
            for where, options in (("on disk", ()), ("in memory", ("--tmpfs", "/tmp"))):
                folder = Path(scratch, f"{merged} {where}")
                runs = [_run(folder / str(number), merged, options) for number in range(RUNS + 1)][1:]
                reviewed, ended = (statistics.median(column) for column in list(zip(*runs, strict=True))[:2])
                least = min(run[0] for run in runs)
                print(f"{f'{name}, /tmp {where}':<36}{reviewed:>12.2f} s{least:>8.2f} s{ended:>12.2f} s")
                parts = {part: statistics.median(run[2][part] for run in runs) for part in runs[0][2]}
                print("  " + ", ".join(f"{part} {seconds:.2f}" for part, seconds in parts.items()), flush=True)


def _new_file() -> float:
    """Milliseconds, in a container."""
    script = "t=$(date +%s%N); for i in $(seq 500); do : > /tmp/$i; done; echo $(($(date +%s%N) - t))"
    return int(docker("run", "--rm", "--network", "none", "--entrypoint", "sh", IMAGE, "-c", script)) / 500 / 1e6


def _run(folder: Path, merged: int, options: Sequence[str]) -> tuple[float, float, dict[str, float]]:
    """Seconds until the review is there, until the container has ended, and what the report says of its parts."""
    texts = {path.name: path.read_text("utf-8") for path in write(folder / "made", FILES).rglob("*.sql")}
    files = {f"supabase/migrations/{name}": text for name, text in sorted(texts.items())}
    last = max(files)
    files[last] += FAULT
    base = dict(list(files.items())[:merged]) or {"README.md": "# Shop\n"}
    repository = Repository.create(folder / "shop", base=base, change=files)
    with (
        FakeGitHub(PullRequest(repository), prefix="/api/v3", page_size=100) as github,
        started(IMAGE, github, folder / "run", options) as action,
    ):
        while not github.pull.reviews and action.running:
            time.sleep(0.002)
        reviewed = time.perf_counter() - action.since
        ran = action.wait()
        if ran.code != 1 or not github.pull.reviews or github.violations:
            raise SystemExit(f"ended with {ran.code}, {len(github.pull.reviews)} reviews\n{ran.log[-2000:]}")
        return reviewed, action.seconds, ran.report["seconds"]


if __name__ == "__main__":
    main()
