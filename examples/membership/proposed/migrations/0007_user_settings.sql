-- The settings pages need a place to write to.

create table if not exists user_settings (
  user_id uuid primary key references users (id) on delete cascade,
  theme varchar(20) not null default 'system',
  language varchar(10) not null default 'en',
  timezone text not null default 'UTC',
  updated_at timestamptz not null default now()
);

create table if not exists user_security_settings (
  user_id uuid primary key references users (id) on delete cascade,
  two_factor_enabled boolean not null default false,
  login_alerts boolean not null default true
);

create table if not exists user_notification_preferences (
  user_id uuid primary key references users (id) on delete cascade,
  email_enabled boolean not null default true,
  push_enabled boolean not null default false,
  quiet_hours int4range
);

create table if not exists user_privacy_settings (
  user_id uuid primary key references users (id) on delete cascade,
  listed boolean not null default false
);

alter table user_settings enable row level security;
alter table user_security_settings enable row level security;

drop policy if exists user_settings_own on user_settings;
create policy user_settings_own on user_settings for all to authenticated
  using (user_id = auth.uid()) with check (user_id = auth.uid());
drop policy if exists user_security_settings_own on user_security_settings;
create policy user_security_settings_own on user_security_settings for all to authenticated
  using (user_id = (select current_member())) with check (user_id = (select current_member()));
drop policy if exists user_privacy_settings_own on user_privacy_settings;
create policy user_privacy_settings_own on user_privacy_settings for all to authenticated
  using (user_id = (select current_member())) with check (user_id = (select current_member()));

-- Who did what, for the settings pages.
create table if not exists auditlog (
  id bigint generated always as identity primary key,
  user_id uuid not null references users (id) on delete cascade,
  action text not null,
  created_at timestamptz not null default now()
);
alter table auditlog enable row level security;

create index if not exists system_audit_logs_actor_idx on system_audit_logs (actor, created_at desc);
