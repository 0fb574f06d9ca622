create table if not exists users (
  id uuid primary key default gen_random_uuid(),
  auth_user_id text not null,
  email text not null,
  email_verified boolean not null default false,
  status text not null default 'Pending',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint users_auth_user_id_key unique (auth_user_id)
);

create table if not exists user_profiles (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null unique references users (id) on delete cascade,
  first_name varchar(80) not null,
  last_name varchar(80) not null,
  date_of_birth date
);

create table if not exists user_contacts (
  id uuid primary key default gen_random_uuid(),
  auth_user_id text not null,
  kind text not null default 'email' check (kind in ('email', 'phone')),
  value text not null,
  constraint user_contacts_auth_user_id_fkey
    foreign key (auth_user_id) references users (auth_user_id) on delete cascade
);

create table if not exists user_addresses (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references users (id) on delete cascade,
  street text not null,
  city varchar(80) not null,
  country char(2) not null
);

create table if not exists user_memberships (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null unique references users (id) on delete cascade,
  tier text not null default 'standard',
  joined_at timestamptz not null default now()
);

-- The login is a uuid as text; everything else refers to users.id.
create or replace function current_member() returns uuid
language sql stable security definer set search_path = ''
as $$
  select id from public.users where auth_user_id = auth.uid()::text
$$;

alter table users enable row level security;
alter table user_profiles enable row level security;
alter table user_contacts enable row level security;
alter table user_addresses enable row level security;
alter table user_memberships enable row level security;

drop policy if exists users_own on users;
create policy users_own on users for select to authenticated
  using (auth_user_id = (select auth.uid())::text);
drop policy if exists user_profiles_own on user_profiles;
create policy user_profiles_own on user_profiles for all to authenticated
  using (user_id = (select current_member())) with check (user_id = (select current_member()));
drop policy if exists user_contacts_own on user_contacts;
create policy user_contacts_own on user_contacts for all to authenticated
  using (auth_user_id = (select auth.uid())::text) with check (auth_user_id = (select auth.uid())::text);
drop policy if exists user_addresses_own on user_addresses;
create policy user_addresses_own on user_addresses for all to authenticated
  using (user_id = (select current_member())) with check (user_id = (select current_member()));
drop policy if exists user_memberships_own on user_memberships;
create policy user_memberships_own on user_memberships for select to authenticated
  using (user_id = (select current_member()));
