create type consultation_status as enum ('requested', 'scheduled', 'completed', 'cancelled');

create table talent_profiles (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null unique references users (id) on delete cascade,
  headline varchar(160) not null,
  hourly_rate numeric(10, 2)
);

create table engagement_requests (
  id uuid primary key default gen_random_uuid(),
  talent_id uuid not null references talent_profiles (id) on delete cascade,
  requested_by uuid references users (id) on delete set null,
  message text not null,
  created_at timestamptz not null default now()
);

create table consultations (
  id uuid primary key default gen_random_uuid(),
  talent_id uuid not null references talent_profiles (id) on delete cascade,
  client_id uuid references users (id) on delete set null,
  status consultation_status not null default 'requested',
  scheduled_at timestamptz
);

alter table talent_profiles enable row level security;
alter table engagement_requests enable row level security;
alter table consultations enable row level security;

create policy talent_profiles_read on talent_profiles for select to authenticated using (true);
create policy engagement_requests_own on engagement_requests for select to authenticated
  using (requested_by = (select auth.uid()));
create policy consultations_own on consultations for select to authenticated
  using (client_id = (select auth.uid()));
