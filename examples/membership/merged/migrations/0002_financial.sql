create table if not exists user_subscriptions (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references users (id) on delete cascade,
  plan text not null,
  status text not null default 'active',
  started_at timestamptz not null default now()
);

create table if not exists user_payment_methods (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references users (id) on delete cascade,
  processor_token text not null,
  last_four char(4)
);

create table if not exists user_payments (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references users (id) on delete cascade,
  subscription_id uuid references user_subscriptions (id) on delete set null,
  amount_cents integer not null check (amount_cents > 0),
  currency char(3) not null default 'USD',
  paid_at timestamptz not null default now()
);

create table if not exists user_billing_schedules (
  id uuid primary key default gen_random_uuid(),
  subscription_id uuid not null references user_subscriptions (id) on delete cascade,
  next_charge_on date not null
);

create table if not exists user_agreements (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references users (id) on delete cascade,
  document text not null,
  accepted_at timestamptz not null default now()
);

alter table user_subscriptions enable row level security;
alter table user_payment_methods enable row level security;
alter table user_payments enable row level security;
alter table user_billing_schedules enable row level security;
alter table user_agreements enable row level security;

drop policy if exists user_subscriptions_own on user_subscriptions;
create policy user_subscriptions_own on user_subscriptions for select to authenticated
  using (user_id = (select current_member()));
drop policy if exists user_payment_methods_own on user_payment_methods;
create policy user_payment_methods_own on user_payment_methods for select to authenticated
  using (user_id = (select current_member()));
drop policy if exists user_payments_own on user_payments;
create policy user_payments_own on user_payments for select to authenticated
  using (user_id = (select current_member()));
drop policy if exists user_billing_schedules_own on user_billing_schedules;
create policy user_billing_schedules_own on user_billing_schedules for select to authenticated
  using (subscription_id in (select id from user_subscriptions));
drop policy if exists user_agreements_own on user_agreements;
create policy user_agreements_own on user_agreements for select to authenticated
  using (user_id = (select current_member()));
