create type user_role as enum ('admin', 'org_admin', 'team_lead', 'member');

create function update_updated_at_column() returns trigger
language plpgsql set search_path = ''
as $$
begin
  new.updated_at := now();
  return new;
end
$$;

create table users (
  id uuid primary key references auth.users (id) on delete cascade,
  email text not null unique,
  name varchar(120) not null,
  avatar text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create table user_roles (
  user_id uuid not null references users (id) on delete cascade,
  role user_role not null default 'member',
  primary key (user_id, role)
);

create trigger update_users_updated_at before update on users
  for each row execute function update_updated_at_column();

alter table users enable row level security;
alter table user_roles enable row level security;

create policy users_own on users for all to authenticated
  using (id = (select auth.uid())) with check (id = (select auth.uid()));
create policy user_roles_read on user_roles for select to authenticated
  using (user_id = (select auth.uid()));
