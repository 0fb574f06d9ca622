-- Organizations, teams, and the users in them.

create type content_type as enum ('video', 'article', 'quiz', 'assignment', 'resource');

create table organizations (
  id uuid primary key default gen_random_uuid(),
  name varchar(160) not null,
  slug varchar(60) not null unique,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create table if not exists users (
  id uuid primary key references auth.users (id) on delete cascade,
  organization_id uuid references organizations (id) on delete set null,
  email text not null unique,
  full_name varchar(160) not null,
  avatar_url text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create table teams (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references organizations (id) on delete cascade,
  name varchar(120) not null
);

create table team_members (
  team_id uuid not null references teams (id) on delete cascade,
  user_id uuid not null references users (id) on delete cascade,
  primary key (team_id, user_id)
);

create index teams_organization_id_idx on teams (organization_id);
create index team_members_user_id_idx on team_members (user_id);

create trigger update_organizations_updated_at before update on organizations
  for each row execute function update_updated_at_column();

alter table organizations enable row level security;
alter table team_members enable row level security;

create policy team_members_own on team_members for select to authenticated
  using (user_id = (select auth.uid()));
create policy organizations_members on organizations for select to authenticated
  using (id in (
    select t.organization_id from teams t
    join team_members m on m.team_id = t.id
    where m.user_id = (select auth.uid())
  ));
create policy teams_members on teams for select to authenticated
  using (id in (select team_id from team_members where user_id = (select auth.uid())));
