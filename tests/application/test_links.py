"""Names of tables that stand in another file than the query."""

from __future__ import annotations

from pathlib import Path

import pytest

from pgassay.application.files import Place
from pgassay.application.links import imported, resolved
from pgassay.application.scan import scan


def found(tmp_path: Path, files: dict[str, str]) -> list[str]:
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    usages = scan(Place(tmp_path, None, True).find()).usages
    return [
        f"{each.location.path}:{each.location.start_line}:{each.location.start_column} {each.what.value} "
        + (f"{each.table}.{each.name}" if each.table else each.name)
        for each in usages
    ]


CONSTANTS = """
export const TABLES = { BOOKS: 'books', deep: { authors: "authors" } } as const;
export const CITIES = 'cities';
export enum Kind { Rivers = 'rivers' }
export default Object.freeze({ lakes: 'lakes' });
export let changing = 'a';
changing = 'b';
"""


@pytest.mark.parametrize("module", ["./tables", "./tables.js", "@/lib/tables", "~/tables"])
def test_constants(tmp_path: Path, module: str) -> None:
    query = f"""import lakes, {{ TABLES, CITIES as towns, Kind }} from "{module}";
import * as all from "{module}";
await supabase.from(TABLES.BOOKS).select("title");
await supabase.from(TABLES.deep.authors).insert({{ name: "A" }});
await supabase.from(towns).select("id").eq("land", 1);
await supabase.from(Kind.Rivers).select("id");
await supabase.from(lakes.lakes).select("id");
await supabase.from(all.TABLES.BOOKS).select("id");
"""
    assert found(tmp_path, {"src/lib/tables.ts": CONSTANTS, "src/lib/query.ts": query}) == [
        "src/lib/query.ts:3:21 table books",
        "src/lib/query.ts:3:43 column books.title",
        "src/lib/query.ts:4:21 table authors",
        "src/lib/query.ts:4:42 row authors.authors",
        "src/lib/query.ts:4:51 column authors.name",
        "src/lib/query.ts:4:58 value authors.name",
        "src/lib/query.ts:5:21 table cities",
        "src/lib/query.ts:5:36 column cities.id",
        "src/lib/query.ts:5:45 column cities.land",
        "src/lib/query.ts:6:21 table rivers",
        "src/lib/query.ts:6:42 column rivers.id",
        "src/lib/query.ts:7:21 table lakes",
        "src/lib/query.ts:7:42 column lakes.id",
        "src/lib/query.ts:8:21 table books",
        "src/lib/query.ts:8:47 column books.id",
    ]


@pytest.mark.parametrize(
    "query",
    [
        "import { TABLES } from './tables'; function f(TABLES) { return supabase.from(TABLES.BOOKS).select('id'); }",
        "import { TABLES } from './other'; supabase.from(TABLES.BOOKS).select('id');",
        "import { changing } from './tables'; supabase.from(changing).select('id');",
        "import { TABLES } from './tables'; supabase.from(TABLES[name]).select('id');",
        "import { TABLES } from './tables'; supabase.storage.from(TABLES.BOOKS).select('id');",
        "import { TABLES } from 'tables'; supabase.from(TABLES.BOOKS).select('id');",
    ],
)
def test_nothing_that_is_sure(tmp_path: Path, query: str) -> None:
    assert found(tmp_path, {"tables.ts": CONSTANTS, "query.ts": query}) == []


WRAPPERS = """
export async function all(limit: number, table: string) { return supabase.from(table).select("*").limit(limit); }
export const call = (name: string) => client.schema("app").rpc(name);
function own(table: string) { return supabase.from(table).delete(); }
export class Repository { list(table: string) { return supabase.from(table).select(); } }
function late(table: string) { return supabase.from(table).select(); }
export { late };
"""


def test_wrappers(tmp_path: Path) -> None:
    query = """import { all, call as invoke, own, late, Repository } from "../db";
all(3, "books"); invoke("count_books"); own("hidden"); late('cities'); new Repository().list("rivers");
all(3, name); other.all(3, "lakes");
"""
    shadowed = 'import { other } from "../db"; all(3, "lakes");'
    files = {"src/db/index.ts": WRAPPERS, "src/pages/a.tsx": query, "src/pages/b.ts": shadowed}
    assert found(tmp_path, files) == [
        "src/pages/a.tsx:2:9 table books",
        "src/pages/a.tsx:2:26 function count_books",
        "src/pages/a.tsx:2:62 table cities",
    ]


def test_resolving() -> None:
    paths = frozenset({"apps/web/src/lib/a.ts", "apps/web/src/b/index.tsx", "apps/api/src/lib/a.ts", "c.js"})
    assert resolved("@/lib/a", "apps/web/src/pages/p.tsx", paths) == "apps/web/src/lib/a.ts"
    assert resolved("@/lib/a", "apps/api/p.ts", paths) == "apps/api/src/lib/a.ts"
    assert resolved("../b", "apps/web/src/pages/p.tsx", paths) == "apps/web/src/b/index.tsx"
    assert resolved("../../c.js", "apps/web/p.ts", paths) == "c.js"
    assert resolved("../../../../etc/c", "apps/web/p.ts", paths) is None
    assert resolved("react", "apps/web/p.ts", paths) is None


def test_imports() -> None:
    text = (
        b"import a, { b, type C, d as e } from 'x';\nimport type { F } from \"y\"; import './z'; import * as g from 'h'"
    )
    assert list(imported(text)) == [("x", "b", "b"), ("x", "C", "C"), ("x", "d", "e"), ("y", "F", "F")]
