"""Features as teams write them, made right: nothing is said about any of them, under the whole catalogue.

Each file is one feature, and concerns tables that have been there before.
"""

from __future__ import annotations

import pytest

from tests.stories.story import Files, Teller

WORKSPACES = """
create table workspaces (
  id uuid primary key default gen_random_uuid(),
  name text not null,
  created_at timestamptz not null default now()
);
create table people (id uuid primary key default gen_random_uuid(), email text not null unique, full_name text);
create table memberships (
  workspace_id uuid not null references workspaces (id),
  person_id uuid not null references people (id),
  role text not null default 'viewer',
  primary key (workspace_id, person_id)
);
create index memberships_person_id_idx on memberships (person_id);
create table projects (
  id bigint generated always as identity primary key,
  workspace_id uuid not null references workspaces (id),
  title text not null,
  notes text
);
create index projects_workspace_id_idx on projects (workspace_id);
create table tasks (
  id bigint generated always as identity primary key,
  project_id bigint not null references projects (id),
  assignee_id uuid references people (id),
  title text not null,
  position integer not null default 0,
  due_on date
);
create index tasks_project_id_idx on tasks (project_id);
create index tasks_assignee_id_idx on tasks (assignee_id);
create table invoices (
  id bigint generated always as identity primary key,
  workspace_id uuid not null references workspaces (id),
  total_cents bigint not null,
  state text not null default 'draft'
);
create index invoices_workspace_id_idx on invoices (workspace_id);
create view open_tasks with (security_invoker = true) as select id, project_id, title from tasks where due_on is null;
create function task_count(project bigint) returns bigint language sql stable set search_path = ''
  as 'select count(*) from public.tasks where project_id = project';
"""
CLOSED = "".join(
    f"alter table {table} enable row level security;\n"
    for table in ("workspaces", "people", "memberships", "projects", "tasks", "invoices")
)

COLUMNS = {
    "archive_projects": """
alter table projects add column archived_at timestamptz;
comment on column projects.archived_at is 'Hidden from lists since then; null while in use.';
""",
    "archive_projects_index": """
create index concurrently if not exists projects_in_use_idx on projects (workspace_id) where archived_at is null;
""",
    "invoice_currency": """
alter table invoices add column currency text not null default 'EUR';
alter table invoices add constraint invoices_currency_check check (currency ~ '^[A-Z]{3}$') not valid;
""",
    "invoice_currency_validated": "alter table invoices validate constraint invoices_currency_check;",
    "task_estimates": """
create type effort as enum ('small', 'medium', 'large');
alter table tasks add column effort effort;
alter table tasks add column spent interval not null default '0';
""",
    "task_estimates_filled": "update tasks set effort = 'small' where effort is null and title like 'Fix %';",
    "person_locale": """
alter table people add column locale text;
alter table people alter column locale set default 'en';
""",
    "person_locale_filled": "update people set locale = 'en' where locale is null;",
    "wider_view": """
create or replace view open_tasks with (security_invoker = true) as
  select id, project_id, title, assignee_id from tasks where due_on is null;
""",
    "one_owner": """
create unique index concurrently if not exists memberships_one_owner_idx on memberships (workspace_id)
  where role = 'owner';
""",
}

TABLES = {
    "plans": """
create table plans (code text primary key, label text not null, seats integer not null check (seats > 0));
insert into plans (code, label, seats) values ('free', 'Free', 3), ('team', 'Team', 25) on conflict (code) do nothing;
alter table workspaces add column plan_code text not null default 'free';
alter table workspaces add constraint workspaces_plan_code_fkey
  foreign key (plan_code) references plans (code) not valid;
""",
    "plans_validated": "alter table workspaces validate constraint workspaces_plan_code_fkey;",
    "plans_index": "create index concurrently if not exists workspaces_plan_code_idx on workspaces (plan_code);",
    "labels": """
create table labels (
  id bigint generated always as identity primary key,
  workspace_id uuid not null references workspaces (id) on delete cascade,
  name text not null check (length(name) between 1 and 40),
  unique (workspace_id, name)
);
create table task_labels (
  task_id bigint not null references tasks (id) on delete cascade,
  label_id bigint not null references labels (id) on delete cascade,
  primary key (task_id, label_id)
);
create index task_labels_label_id_idx on task_labels (label_id);
""",
    "documents": """
create table documents (
  id uuid primary key default gen_random_uuid(),
  project_id bigint not null references projects (id) on delete cascade,
  body text not null default '',
  words tsvector generated always as (to_tsvector('simple', body)) stored,
  details jsonb not null default '{}' check (jsonb_typeof(details) = 'object'),
  created_at timestamptz not null default now()
);
create index documents_project_id_idx on documents (project_id);
create index documents_words_idx on documents using gin (words);
""",
    "bookings": """
create domain rate as numeric(10, 2) check (value >= 0);
create table bookings (
  id bigint generated always as identity primary key,
  task_id bigint not null references tasks (id) on delete restrict,
  during tstzrange not null check (not isempty(during)),
  hourly rate not null,
  constraint bookings_apart exclude using gist (during with &&)
);
create index bookings_task_id_idx on bookings (task_id);
""",
}

FUNCTIONS = {
    "touched": """
alter table projects add column updated_at timestamptz not null default now();
create function set_updated_at() returns trigger language plpgsql set search_path = '' as $$
begin
  new.updated_at := now();
  return new;
end
$$;
create trigger projects_updated_at before update on projects for each row
  when (old.* is distinct from new.*) execute function set_updated_at();
""",
    "same_function_faster": """
create or replace function task_count(project bigint) returns bigint
  language sql stable parallel safe set search_path = ''
  as 'select count(*) from public.tasks t where t.project_id = project';
""",
    "move_task": """
create function move_task(task bigint, target integer) returns integer language plpgsql set search_path = '' as $$
declare
  home bigint;
  moved integer;
begin
  select t.project_id into strict home from public.tasks t where t.id = task for update;
  update public.tasks t set position = t.position + 1 where t.project_id = home and t.position >= target;
  get diagnostics moved = row_count;
  update public.tasks t set position = target where t.id = task;
  return moved;
exception
  when no_data_found then
    raise exception 'no task %', task using errcode = 'P0002';
end
$$;
""",
    "work_load": """
create function work_load(workspace uuid) returns table (person_id uuid, tasks bigint, titles text[])
  language plpgsql stable set search_path = '' as $$
declare
  longest constant integer := 40;
  one record;
  found_any boolean := false;
begin
  for one in
    select t.assignee_id as who, count(*) as n, array_agg(left(t.title, longest) order by t.position) as lines
    from public.tasks t join public.projects p on p.id = t.project_id
    where p.workspace_id = workspace and t.assignee_id is not null
    group by t.assignee_id
  loop
    found_any := true;
    person_id := one.who;
    tasks := one.n;
    titles := one.lines;
    return next;
  end loop;
  if not found_any then
    return query select m.person_id, 0::bigint, '{}'::text[] from public.memberships m where m.workspace_id = workspace;
  end if;
end
$$;
""",
    "numbered": """
create function next_number(kind text) returns bigint language plpgsql set search_path = '' as $$
declare
  answer bigint;
begin
  if kind not in ('invoices', 'tasks') then
    raise exception 'nothing of kind %', kind;
  end if;
  execute format('select coalesce(max(id), 0) + 1 from public.%I', kind) into answer;
  return answer;
end
$$;
""",
    "jobs": """
create table jobs (
  id bigint generated always as identity primary key,
  kind text not null,
  payload jsonb not null default '{}',
  attempts integer not null default 0,
  run_at timestamptz not null default now(),
  taken_at timestamptz,
  failure text
);
create index jobs_waiting_idx on jobs (run_at) where taken_at is null;
create function take_jobs(most integer) returns setof jobs language plpgsql set search_path = '' as $$
begin
  return query
    update public.jobs j set taken_at = now(), attempts = j.attempts + 1
    where j.id in (
      select w.id from public.jobs w where w.taken_at is null and w.run_at <= now()
      order by w.run_at limit most for update skip locked
    )
    returning j.*;
end
$$;
create function fail_job(job bigint, why text) returns void language plpgsql set search_path = '' as $$
declare
  tried integer;
begin
  update public.jobs set taken_at = null, failure = why, run_at = now() + attempts * interval '1 minute'
  where id = job returning attempts into tried;
  if tried is null then
    raise warning 'job % is gone', job;
  elsif tried > 5 then
    insert into public.jobs (kind, payload) values ('report', jsonb_build_object('job', job, 'why', why));
  end if;
end
$$;
""",
}

GENERAL = {"columns": COLUMNS, "tables": TABLES, "functions": FUNCTIONS}


def one_by_one(features: Files) -> Files:
    return {f"202601{n:02}000000_{name}.sql": sql for n, (name, sql) in enumerate(features.items(), 1)}


def _closed(features: Files) -> Files:
    """With row level security on every table that a feature brings, as in a project of Supabase."""

    def tables(sql: str) -> list[str]:
        return [line.split()[2] for line in sql.splitlines() if line.startswith("create table ")]

    return {
        name: sql + "".join(f"alter table {table} enable row level security;\n" for table in tables(sql))
        for name, sql in features.items()
    }


@pytest.mark.parametrize("features", GENERAL.values(), ids=GENERAL)
def test_on_supabase(story: Teller, features: Files) -> None:
    merged = {"20250101000000_workspaces.sql": WORKSPACES + CLOSED}
    story(merged=merged, proposed=one_by_one(_closed(features))).says()


@pytest.mark.parametrize("features", GENERAL.values(), ids=GENERAL)
def test_on_a_plain_server(story: Teller, features: Files) -> None:
    merged = {"20250101000000_workspaces.sql": WORKSPACES}
    story(merged=merged, proposed=one_by_one(features), layout="plain", environment="postgres").says()
