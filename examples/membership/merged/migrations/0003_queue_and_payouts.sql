create table if not exists membership_queue (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null unique references users (id) on delete cascade,
  position integer not null,
  joined_at timestamptz not null default now()
);

create table if not exists kyc_verification (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references users (id) on delete cascade,
  status text not null default 'pending',
  decided_at timestamptz
);

create table if not exists payout_management (
  id uuid primary key default gen_random_uuid(),
  user_id uuid references users (id) on delete set null,
  amount_cents bigint not null,
  status text not null default 'planned',
  paid_at timestamptz
);

create table if not exists disputes (
  id uuid primary key default gen_random_uuid(),
  payment_id uuid references user_payments (id) on delete set null,
  reason text not null,
  opened_at timestamptz not null default now()
);

create index if not exists membership_queue_position_idx on membership_queue (position);

alter table membership_queue enable row level security;
alter table kyc_verification enable row level security;
alter table payout_management enable row level security;
alter table disputes enable row level security;

drop policy if exists membership_queue_own on membership_queue;
create policy membership_queue_own on membership_queue for select to authenticated
  using (user_id = (select current_member()));
drop policy if exists kyc_verification_own on kyc_verification;
create policy kyc_verification_own on kyc_verification for select to authenticated
  using (user_id = (select current_member()));
drop policy if exists payout_management_own on payout_management;
create policy payout_management_own on payout_management for select to authenticated
  using (user_id = (select current_member()));
