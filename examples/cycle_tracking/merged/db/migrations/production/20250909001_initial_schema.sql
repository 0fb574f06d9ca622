-- Migration: 20250909001_initial_schema.sql
-- Description: Accounts, encrypted envelopes, sharing with a clinic, and the two trails
-- Author: backend
-- Created: 2025-09-09

create function touch_updated_at() returns trigger
language plpgsql set search_path = ''
as $$
begin
  new.updated_at := now();
  return new;
end
$$;

create type share_scope as enum ('summary', 'symptoms', 'everything');

create table users (
  id uuid primary key references auth.users (id) on delete cascade,
  username_hash text not null unique,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create table encrypted_user_prefs (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references users (id) on delete cascade,
  ciphertext bytea not null,
  nonce bytea not null,
  version integer not null default 1 check (version > 0),
  updated_at timestamptz not null default now(),
  unique (user_id)
);

create table encrypted_cycle_data (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references users (id) on delete cascade,
  device_hash varchar(64) not null,
  ciphertext bytea not null,
  nonce bytea not null,
  version integer not null default 1 check (version > 0),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create table healthcare_share (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references users (id) on delete cascade,
  scope share_scope not null default 'summary',
  ciphertext bytea not null,
  created_at timestamptz not null default now(),
  revoked_at timestamptz
);

create table share_token (
  id uuid primary key default gen_random_uuid(),
  share_id uuid not null references healthcare_share (id) on delete cascade,
  token_hash text not null unique,
  expires_at timestamptz
);

create table device_key (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references users (id) on delete cascade,
  device_hash varchar(64) not null,
  wrapped_key bytea not null,
  status text not null default 'active' check (status in ('active', 'rotating', 'revoked')),
  created_at timestamptz not null default now(),
  unique (user_id, device_hash)
);

create table security_audit_log (
  id bigint generated always as identity primary key,
  user_id uuid references users (id) on delete set null,
  event text not null,
  ip_hash text,
  occurred_at timestamptz not null default now()
);

create table healthcare_share_audit (
  id bigint generated always as identity primary key,
  share_id uuid references healthcare_share (id) on delete set null,
  action text not null,
  occurred_at timestamptz not null default now()
);

create trigger users_touch before update on users
  for each row execute function touch_updated_at();
create trigger encrypted_user_prefs_touch before update on encrypted_user_prefs
  for each row execute function touch_updated_at();
create trigger encrypted_cycle_data_touch before update on encrypted_cycle_data
  for each row execute function touch_updated_at();
