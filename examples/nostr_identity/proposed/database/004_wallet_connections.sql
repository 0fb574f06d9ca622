-- Wallets that speak Nostr Wallet Connect, what they may spend, and what they spent.

create table if not exists nwc_connections (
  id uuid primary key default gen_random_uuid(),
  identity_id uuid not null references user_identities (id) on delete cascade,
  encrypted_uri text not null,
  wallet_name varchar(60),
  created_at timestamptz not null default now()
);

create table nwc_permissions (
  id uuid primary key default gen_random_uuid(),
  connection_id uuid not null references nwc_connections (id) on delete cascade,
  method text not null,
  daily_limit_sats bigint not null default 0
);

create table if not exists nwc_transactions (
  id uuid primary key default gen_random_uuid(),
  connection_id uuid not null references nwc_connections (id) on delete cascade,
  payment_hash text not null unique,
  amount_sats bigint not null,
  settled_at timestamptz default now()
);

create index nwc_transactions_connection_id_idx on nwc_transactions (connection_id);
create index if not exists nwc_permissions_connection_id_idx on nwc_permissions (connection_id);

-- Family ids are looked up with every message now.
create index if not exists user_identities_family_id_idx on user_identities (family_id);

alter table nwc_connections enable row level security;
alter table nwc_transactions enable row level security;

drop policy if exists nwc_connections_own on nwc_connections;
create policy nwc_connections_own on nwc_connections for all to authenticated
  using (identity_id = auth.uid()) with check (identity_id = auth.uid());

drop policy if exists nwc_permissions_own on nwc_permissions;
create policy nwc_permissions_own on nwc_permissions for all to authenticated
  using (connection_id in (select id from nwc_connections));

drop policy if exists nwc_transactions_service on nwc_transactions;
create policy nwc_transactions_service on nwc_transactions for all to service_role
  using (true) with check (true);
