-- No policy lets anybody delete a session, so the cascade below never had anything to do.
create table payments (
  id uuid primary key default gen_random_uuid(),
  provider_id uuid not null references users (id) on delete restrict,
  client_id uuid references users (id) on delete set null,
  session_id uuid not null references sessions (id) on delete cascade,
  session_ids uuid[] not null default '{}',
  amount numeric(10, 2) not null check (amount > 0),
  method text not null default 'cash',
  paid_at timestamptz not null default now()
);
