"""`python -m benchmarks.application [FOLDER]`: reading application code, next to tree-sitter alone on the same files.

Without a folder, 40 MB of code are written, of which a tenth of the files speak to the database. The peak of memory is
that of this process and of its helpers.
"""

from __future__ import annotations

import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from pgassay.application.cache import Cache
from pgassay.application.files import EXTENSIONS, Place
from pgassay.application.scan import scan
from pgassay.application.tree import File

_SPEAKS = """
export async function list%d(supabase: Client, id: string) {
  let query = supabase.from("table_%d").select("id, title, author:authors!inner(name)").eq("owner_id", id);
  if (id) query = query.order("created_at");
  await supabase.from("table_%d").insert({ title: "a", owner_id: id, status: "open" });
  return query;
}
"""
_OTHER = """
export function Card%d({ title, items }: { title: string; items: string[] }) {
  const shown = items.filter((item) => item.length > %d).map((item) => <li key={item}>{item}</li>);
  return <section className="card"><h2>{title}</h2><ul>{shown}</ul></section>;
}
"""


def main() -> None:
    if len(sys.argv) > 1:
        _measure(Path(sys.argv[1]))
        return
    with tempfile.TemporaryDirectory(prefix="pgassay-bench-") as scratch:
        _write(Path(scratch), 40_000_000)
        _measure(Path(scratch))


def _write(folder: Path, size: int) -> None:
    written = number = 0
    while written < size:
        number += 1
        part = _SPEAKS if number % 10 == 0 else _OTHER
        text = "".join(part % ((n,) * part.count("%d")) for n in range(number % 40 + 2))
        (folder / f"file{number}.tsx").write_text(text, encoding="utf-8")
        written += len(text)


def _measure(folder: Path) -> None:
    code = Place(folder, None, True).find()
    size = sum((folder / path).stat().st_size for path in code.paths)
    print(f"{len(code.paths)} files, {size / 1e6:.0f} MB")
    with tempfile.TemporaryDirectory(prefix="pgassay-bench-") as scratch:
        alone = _seconds(lambda: _parse_all(folder, code.paths))
        print(f"{'tree-sitter alone, one core':<32}{alone:>8.2f} s")
        for name in ("nothing kept", "everything kept"):
            cache = Cache(Path(scratch) / "application.sqlite")
            seconds = _seconds(partial(scan, code, cache))
            cache.close()
            print(f"{'pgassay, ' + name:<32}{seconds:>8.2f} s{seconds / alone:>8.2f}")
        shutil.rmtree(scratch, ignore_errors=True)
    peaks = [resource.getrusage(who).ru_maxrss / 1000 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    print(f"peak of memory: {peaks[0]:.0f} MB, of a helper {peaks[1]:.0f} MB")


def _parse_all(folder: Path, paths: tuple[str, ...]) -> None:
    for path in paths:
        kind = EXTENSIONS[Path(path).suffix.lower()]
        File((folder / path).read_bytes(), "typescript" if kind == "component" else kind)


def _seconds(action: Callable[[], object]) -> float:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
