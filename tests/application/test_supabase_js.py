"""supabase-js, as people write it."""

from __future__ import annotations

import pytest

from tests.application.reading import read


def test_a_query() -> None:
    text = """
const { data } = await supabase
  .from("books")
  .select("id, title")
  .eq("author_id", id)
  .order("year", { ascending: false })
  .maybeSingle();
"""
    assert read(text) == [
        "3 table books",
        "4 column books.id",
        "4 column books.title",
        "5 column books.author_id",
        "6 column books.year",
    ]


def test_related_tables() -> None:
    text = """supabase.from("books").select(`
  id,
  writer:authors!books_author_fkey!inner(name, city:cities(name)),
  ...publisher(label),
  reviews(count)
`).eq("writer.name", "A").order("label", { referencedTable: "publisher" })
  .or("stars.gt.1", { referencedTable: "reviews" })
"""
    assert read(text) == [
        "1 table books",
        "2 column books.id",
        "3 column books>authors!books_author_fkey.name",
        "3 column books>authors!books_author_fkey>cities.name",
        "3 relationship books>authors!books_author_fkey",
        "3 relationship books>authors!books_author_fkey>cities",
        "4 column books>publisher.label",
        "4 relationship books>publisher",
        "5 relationship books>reviews",
        "6 column books>authors!books_author_fkey.name",
        "6 column books>publisher.label",
        "6 value books>authors!books_author_fkey.name = A",
        "7 column books>reviews.stars",
    ]


def test_paths_casts_and_aggregates_name_their_column() -> None:
    text = """db.from("t").select("a->b->>c, d::text, e.sum(), n:f.avg(), count()").filter("g->>h", "eq", 1)"""
    assert [line.split(".")[-1] for line in read(text)[:-1]] == ["a", "d", "e", "f", "g"]


def test_a_query_over_several_statements() -> None:
    text = """
function list(year) {
  let query = supabase.from("books").select("id");
  if (year) {
    query = query.eq("year", year);
  }
  return query.order("title");
}
function other() { let query = supabase.from("cities").select("id"); return query.eq("land", 1); }
"""
    assert read(text) == [
        "3 column books.id",
        "3 table books",
        "5 column books.year",
        "7 column books.title",
        "9 column cities.id",
        "9 column cities.land",
        "9 table cities",
    ]


def test_a_query_that_may_begin_in_two_ways_is_not_guessed_at() -> None:
    text = """
let query = supabase.from("a").select("x");
if (other) query = supabase.from("b").select("y");
await query.eq("z", 1);
"""
    assert "column a.z" not in "\n".join(read(text))


def test_rows() -> None:
    text = """
const row = { a: 1, "b": two, ...(x && { c: 3 }) };
row.d = 4;
await supabase.from("t").insert(row);
await supabase.from("t").insert([{ a: "k" }, { b: 2 }]);
await supabase.from("t").upsert({ a: 1, ...rest }, { onConflict: "a, e" });
await supabase.from("t").insert(items.map((item) => ({ a: item.a })));
await supabase.from("t").update(payload);
"""
    assert [line for line in read(text) if " row " in line] == [
        "4 row t (a, b, c, d, ...)",
        "5 row t (a, b)",
        "6 row t (a, ...)",
        "7 row t (a)",
    ]
    assert "3 column t.d" in read(text)
    assert "6 column t.e" in read(text)
    assert "5 value t.a = k" in read(text)


def test_calls() -> None:
    text = """
supabase.rpc("f", { p_a: 1, p_b: 2 });
supabase.rpc("g");
supabase.rpc("h", given);
supabase.schema("app").rpc("i", { ...given, p: 1 });
"""
    assert read(text) == [
        "2 call f (p_a, p_b)",
        "2 function f",
        "3 call g ()",
        "3 function g",
        "4 function h",
        "5 call app.i (p, ...)",
        "5 function app.i",
    ]


def test_schemas() -> None:
    text = """
const app = supabase.schema("app");
app.from("t").select("a");
const own = createClient(url, key, { db: { schema: "own" } });
own.from("t").select();
supabase.schema(name).from("t").select("a");
"""
    assert read(text) == ["3 column app.t.a", "3 table app.t", "5 table own.t"]


def test_wrappers() -> None:
    text = """
function all(table: string) { return supabase.from(table).select("*"); }
class Repository {
  list(limit: number, table: string) { return this.client.from(table).select().limit(limit); }
  books() { return this.list(3, "books"); }
}
all("authors");
"""
    assert read(text) == ["5 table books", "7 table authors"]


def test_texts_that_are_put_together() -> None:
    text = """
const COLUMNS = "id, " +
  "title";
const T = { books: "books" } as const;
supabase.from(T.books).select(COLUMNS);
supabase.from("u").select(["a", "b"].join(", "));
supabase.from("v").select(`a, ${more}, b`);
supabase.from(`w_${suffix}`).select("a");
"""
    assert read(text) == [
        "2 column books.id",
        "3 column books.title",
        "4 table books",
        "6 column u.a",
        "6 column u.b",
        "6 table u",
        "7 column v.a",
        "7 column v.b",
        "7 table v",
    ]


def test_realtime() -> None:
    text = """
channel.on("postgres_changes", { event: "*", schema: "public", table: "notes", filter: `user_id=eq.${id}` }, f);
channel.on("broadcast", { event: "x" }, f);
"""
    assert read(text) == ["2 column notes.user_id", "2 table notes"]


@pytest.mark.parametrize(
    "text",
    [
        """Array.from("abc").map(f);""",
        """Buffer.from("abc", "hex").toString();""",
        """Color.from("#FFFFFF").lighten(1);""",
        """supabase.storage.from("avatars").remove(["a"]);""",
        """const { storage } = supabase; storage.from("avatars").list();""",
        """const bucket = supabase.storage.from("avatars"); bucket.upload(a, b);""",
        """db.select({ id: users.id }).from("users");""",
        """knex.select("id").from("users").update({ a: 1 });""",
        """emitter.on("postgres_changes");""",
        """Uint8Array.from("ab").select();""",
    ],
)
def test_false_friends(text: str) -> None:
    assert read(text) == []


def test_components() -> None:
    vue = """<template><p>{{ a.from("x") }}</p></template>
<script setup lang="ts">
await supabase.from("books").select("id");
</script>
"""
    assert read(vue, "a.vue") == ["3 column books.id", "3 table books"]


def test_a_file_with_errors_is_read_around_them() -> None:
    text = "const a = <div>Q & A</div>;;; let = = ;\nsupabase.from('books').select('id');\n"
    assert "2 table books" in read(text, "a.tsx")


@pytest.mark.parametrize(
    "data", [b"\xff\xfe\x00.from(", b"x.from('\xe9').select('\xe9')", b"\0" * 100 + b".from('a')", b""]
)
def test_any_bytes(data: bytes) -> None:
    from pgassay.application.extract import extract

    extract("a.ts", data)


def test_deep_nesting() -> None:
    from pgassay.application.helper import read_one

    deep = b"x.from(" + b"(" * 50_000 + b"'a'" + b")" * 50_000 + b").select('b')"
    read_one("a.ts", deep)
    chain = b"x.from('a').select('b')" + b".eq('c', 1)" * 3_000
    assert len(read_one("a.ts", chain).usages) > 3_000
    joined = b"x.from('a').select(" + b" + ".join([b"'a, '"] * 3_000) + b")"
    read_one("a.ts", joined)
