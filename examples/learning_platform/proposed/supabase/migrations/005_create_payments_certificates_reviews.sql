create type payment_status as enum ('pending', 'completed', 'failed', 'refunded');

create table payments (
  id uuid primary key default gen_random_uuid(),
  user_id uuid references users (id) on delete set null,
  workshop_id uuid references workshops (id) on delete restrict,
  amount numeric(10, 2) not null check (amount >= 0),
  status payment_status not null default 'pending',
  created_at timestamptz not null default now()
);

create table certificates (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references users (id) on delete cascade,
  course_title varchar(200) not null,
  issued_at timestamptz not null default now()
);

create index payments_user_id_idx on payments (user_id);

alter table payments enable row level security;
alter table certificates enable row level security;

create policy payments_own on payments for select to authenticated
  using (user_id = (select auth.uid()));
create policy certificates_own on certificates for select to authenticated
  using (user_id = (select auth.uid()));
