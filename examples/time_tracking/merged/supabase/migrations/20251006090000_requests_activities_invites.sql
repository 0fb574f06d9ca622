create table requests (
  id uuid primary key default gen_random_uuid(),
  provider_id uuid not null references users (id) on delete restrict,
  client_id uuid references users (id) on delete set null,
  session_id uuid references sessions (id) on delete set null,
  amount numeric(10, 2) not null,
  status text not null default 'pending' check (status in ('pending', 'paid', 'declined')),
  created_at timestamptz not null default now()
);

create table activities (
  id uuid primary key default gen_random_uuid(),
  provider_id uuid not null references users (id) on delete restrict,
  client_id uuid references users (id) on delete set null,
  session_id uuid references sessions (id) on delete set null,
  type text not null,
  data jsonb not null default '{}',
  created_at timestamptz not null default now()
);

create table invites (
  id uuid primary key default gen_random_uuid(),
  provider_id uuid not null references users (id) on delete restrict,
  code text not null unique,
  expires_at timestamptz not null,
  claimed_at timestamptz,
  claimed_by uuid references users (id) on delete set null
);
