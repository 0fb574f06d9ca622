create table if not exists admin (
  id integer generated always as identity primary key,
  email text not null unique,
  created_at timestamptz not null default now()
);

create table if not exists admin_alerts (
  id integer generated always as identity primary key,
  admin_id integer references admin (id) on delete set null,
  message text not null,
  created_at timestamptz not null default now()
);

create table if not exists user_notification_preferences (
  user_id uuid primary key references users (id) on delete cascade,
  email_enabled boolean not null default true
);

alter table admin enable row level security;
alter table admin_alerts enable row level security;
alter table user_notification_preferences enable row level security;

drop policy if exists user_notification_preferences_own on user_notification_preferences;
create policy user_notification_preferences_own on user_notification_preferences for all to authenticated
  using (user_id = (select current_member())) with check (user_id = (select current_member()));
