create table if not exists system_audit_logs (
  id bigint generated always as identity primary key,
  actor text not null,
  action text not null,
  detail jsonb not null default '{}',
  created_at timestamptz not null default now()
);

create table if not exists user_audit_logs (
  id bigint generated always as identity primary key,
  user_id uuid references users (id) on delete set null,
  action text not null,
  created_at timestamptz not null default now()
);

alter table system_audit_logs enable row level security;
alter table user_audit_logs enable row level security;
