create table if not exists otp_secrets (
  id uuid primary key default gen_random_uuid(),
  owner_hash text not null unique references privacy_users (hashed_uuid) on delete cascade,
  encrypted_secret text not null,
  created_at timestamptz not null default now()
);

create table if not exists otp_sessions (
  id uuid primary key default gen_random_uuid(),
  owner_hash text not null references privacy_users (hashed_uuid) on delete cascade,
  window_seconds integer not null default 120 check (window_seconds between 30 and 300),
  attempts integer not null default 0,
  used_codes text[] not null default '{}',
  expires_at timestamptz not null
);

create index if not exists otp_sessions_expires_at_idx on otp_sessions (expires_at);

alter table otp_secrets enable row level security;
alter table otp_sessions enable row level security;

drop policy if exists otp_secrets_own on otp_secrets;
create policy otp_secrets_own on otp_secrets for all to authenticated
  using (owner_hash in (select hashed_uuid from privacy_users where profile_id = (select auth.uid())));

drop policy if exists otp_sessions_own on otp_sessions;
create policy otp_sessions_own on otp_sessions for all to authenticated
  using (owner_hash in (select hashed_uuid from privacy_users where profile_id = (select auth.uid())));
