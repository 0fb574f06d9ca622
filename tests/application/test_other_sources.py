"""SQL strings, Drizzle's declarations, generated types, secrets."""

from __future__ import annotations

import base64
import json

import pytest

from pgassay.application.extract import extract
from pgassay.application.secrets import masked
from pgassay.application.sql_strings import with_parameters
from pgassay.model import Usage, What


def found(text: str, what: What, path: str = "a.ts") -> list[Usage]:
    return [usage for usage in extract(path, text.encode()) if usage.what is what]


@pytest.mark.parametrize(
    ("text", "sql"),
    [
        ("select a from t where b = $1", "select a from t where b = $1"),
        ("select a from t where b = \0 and c in (\0)", "select a from t where b = $1 and c in ($2)"),
        (
            "select a from t where b = :id and c = :id and d::text = ''",
            "select a from t where b = $1 and c = $1 and d::text = ''",
        ),
        ("select a from t where b = ? and c = ?", "select a from t where b = $1 and c = $2"),
        ("select a from t where b ?| array['x']", "select a from t where b ?| array['x']"),
        ("select a from t where b = 'what? :no %s'", "select a from t where b = 'what? :no %s'"),
        ("select a -- why?\nfrom t;", "select a        \nfrom t"),
        ("select interval '\0 days'", "select interval '0 days'"),
    ],
)
def test_placeholders_become_parameters(text: str, sql: str) -> None:
    assert with_parameters(text, "typescript") == sql


def test_placeholders_of_python() -> None:
    text = "select a from t where b = %s and c = %(name)s and d = %(name)s"
    assert with_parameters(text, "python") == "select a from t where b = $1 and c = $2 and d = $2"


@pytest.mark.parametrize(
    "text", ["select a from t_\0", "select a from \0.t", 'select a from "\0"', "select \0_id from t"]
)
def test_a_name_that_only_the_code_knows(text: str) -> None:
    assert with_parameters(text, "typescript") is None


def test_queries() -> None:
    text = """
const a = await sql`select id from notes where id = ${id}`;
await prisma.$queryRaw`select id from tags`;
await pool.query({ text: "update notes set a = $1", values: [1] });
await db.execute("create table x (id int)");
const part = sql`order by ${column}`;
fetch("select id from nothing");
"""
    assert [(each.location.start_line, each.names) for each in found(text, What.QUERY)] == [
        (2, ("notes",)),
        (3, ("tags",)),
        (4, ("notes",)),
    ]


def test_queries_of_python() -> None:
    text = '''
cursor.execute("""
    with recent as (select * from visits)
    select * from recent join app.people on true
""")
session.execute(text("delete from visits where id = :id"))
'''
    assert [each.names for each in found(text, What.QUERY, "a.py")] == [("app.people", "visits"), ("visits",)]


def test_drizzle() -> None:
    text = """
const shared = { createdAt: timestamp("created_at") };
const app = pgSchema("app");
export const mood = pgEnum("mood", ["good", "bad"]);
export const notes = pgTable("notes", { id: serial("id"), ownerId: uuid().notNull(), ...shared }, (t) => [unique()]);
export const jobs = app.table("jobs", (t) => ({ id: t.bigint({ mode: "number" }) }));
"""
    tables = [(each.schema, each.name, each.names, each.maybe) for each in found(text, What.DRIZZLE_TABLE)]
    assert tables == [
        (None, "notes", ("id", "ownerId", "created_at"), ("id", "owner_id", "created_at")),
        ("app", "jobs", ("id",), ("id",)),
    ]
    assert [(each.name, each.values) for each in found(text, What.DRIZZLE_ENUM)] == [("mood", ("good", "bad"))]


def test_generated_types() -> None:
    text = """
export interface Database {
  public: {
    Tables: { notes: { Row: { id: number; "odd name": string | null }; Insert: { id?: number } } };
    Views: { [_ in never]: never };
    Enums: { mood: "good" | "so-so" | "bad" };
  };
}
"""
    (usage,) = found(text, What.GENERATED)
    assert [(each.kind, each.name, each.parts) for each in usage.declared] == [
        ("table", "notes", ("id", "odd name")),
        ("enum", "mood", ("good", "so-so", "bad")),
    ]


def token(role: str, issuer: str = "supabase") -> str:
    parts = ({"alg": "HS256", "typ": "JWT"}, {"iss": issuer, "role": role, "iat": 1})
    head, body = (base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)
    return f"{head}.{body}.{'x' * 43}"


def test_secrets() -> None:
    lines = [
        f"const a = '{token('service_role')}';",
        f"const b = '{token('anon')}';",
        f"const c = '{token('service_role', 'supabase-demo')}';",
        "const d = process.env.NEXT_PUBLIC_SUPABASE_SERVICE_ROLE_KEY;",
        "const e = process.env.SUPABASE_SERVICE_ROLE_KEY;",
        "const f = 'postgresql://app:k3v9s8d7f6@db.abcdefgh.supabase.co:5432/postgres';",
        "const g = 'postgresql://postgres:postgres@localhost:5432/postgres';",
        "const h = `postgresql://app:${password}@db.abcdefgh.supabase.co`;",
    ]
    text = "\n".join(lines)
    assert [(each.location.start_line, each.name, each.action) for each in found(text, What.SECRET)] == [
        (1, "service role key", "literal"),
        (6, "database password", "literal"),
        (4, "service role key", "variable"),
    ]
    for usage in found(text, What.SECRET):
        assert token("service_role") not in repr(usage)
        assert "k3v9s8d7f6" not in repr(usage)


def test_no_report_shows_a_secret() -> None:
    text = f"const a = '{token('service_role')}'; // é\nconst b = 'sb_secret_0123456789abcdefghij';\n"
    shown = masked(text)
    assert len(shown) == len(text)
    assert "eyJ" not in shown
    assert "sb_secret" not in shown
    assert masked("const a = 1;") == "const a = 1;"
