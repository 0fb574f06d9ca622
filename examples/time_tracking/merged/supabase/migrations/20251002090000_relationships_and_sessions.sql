create table relationships (
  id uuid primary key default gen_random_uuid(),
  provider_id uuid not null references users (id) on delete restrict,
  client_id uuid not null references users (id) on delete cascade,
  created_at timestamptz not null default now(),
  unique (provider_id, client_id)
);

create table sessions (
  id uuid primary key default gen_random_uuid(),
  provider_id uuid not null references users (id) on delete restrict,
  client_id uuid references users (id) on delete set null,
  started_at timestamptz not null default now(),
  ended_at timestamptz,
  duration_minutes integer not null default 0,
  crew_size integer not null default 1 check (crew_size > 0),
  person_hours numeric(10, 2),
  hourly_rate numeric(10, 2) not null,
  amount_due numeric(10, 2),
  status text not null default 'active' check (status in ('active', 'unpaid', 'requested', 'paid'))
);
