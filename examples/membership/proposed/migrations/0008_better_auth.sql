-- Our own identity layer beside users. Every member gets an identity of the same id as the login.

create table if not exists "user" (
  id uuid primary key default gen_random_uuid(),
  name text not null,
  email text not null unique,
  "emailVerified" boolean not null default false,
  "createdAt" timestamptz not null default now()
);

create table if not exists session (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references "user" (id) on delete cascade,
  token text not null unique,
  expires_at timestamptz not null
);

create table account (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references "user" (id) on delete cascade,
  provider text not null,
  provider_account text not null,
  unique (provider, provider_account)
);

create index session_user_id_idx on session (user_id);
create index if not exists account_user_id_idx on account (user_id);

alter table "user" enable row level security;
alter table session enable row level security;

insert into "user" (id, name, email, "emailVerified")
select auth_user_id::uuid, email, email, email_verified from users
on conflict (id) do nothing;

alter table users add column if not exists user_id uuid references "user" (id) on delete cascade;
update users set user_id = auth_user_id::uuid where user_id is null;

-- The old login column is no key any more.
alter table users drop constraint if exists users_auth_user_id_key cascade;

alter table user_payments alter column amount_cents type bigint;
alter table user_profiles alter column first_name type text;

create or replace view member_directory as
  select u.id, u.email, p.first_name, p.last_name
  from users u join user_profiles p on p.user_id = u.id;
