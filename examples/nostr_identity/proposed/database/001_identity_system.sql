create table if not exists profiles (
  id uuid primary key references auth.users (id) on delete cascade,
  username varchar(40) not null unique,
  npub text,
  created_at timestamptz not null default now()
);

create table if not exists families (
  id uuid primary key default gen_random_uuid(),
  family_name varchar(80) not null,
  founder_id uuid not null references profiles (id) on delete restrict,
  federation_pubkey text,
  created_at timestamptz not null default now()
);

create table if not exists user_identities (
  id uuid primary key default gen_random_uuid(),
  profile_id uuid not null references profiles (id) on delete cascade,
  family_id uuid references families (id) on delete set null,
  hashed_npub text not null unique,
  encrypted_nsec text,
  role text not null default 'private' check (role in ('private', 'adult', 'guardian', 'offspring')),
  created_at timestamptz not null default now()
);

create table if not exists privacy_users (
  hashed_uuid text primary key,
  profile_id uuid not null references profiles (id) on delete cascade,
  privacy_level text not null default 'giftwrapped',
  created_at timestamptz not null default now()
);

create table if not exists nip05_records (
  id uuid primary key default gen_random_uuid(),
  profile_id uuid references profiles (id) on delete cascade,
  name varchar(64) not null,
  pubkey text not null,
  is_active boolean not null default true,
  created_at timestamptz not null default now(),
  unique (name)
);

create table if not exists nostr_backups (
  id uuid primary key default gen_random_uuid(),
  profile_id uuid not null references profiles (id) on delete cascade,
  event_id text not null,
  created_at timestamptz not null default now()
);

create table if not exists lightning_addresses (
  id uuid primary key default gen_random_uuid(),
  profile_id uuid not null references profiles (id) on delete cascade,
  address text not null unique,
  is_active boolean not null default true
);

create table if not exists reward_redemptions (
  id uuid primary key default gen_random_uuid(),
  profile_id uuid references profiles (id) on delete set null,
  amount_sats bigint not null check (amount_sats > 0),
  redeemed_at timestamptz not null default now()
);

alter table profiles enable row level security;
alter table families enable row level security;
alter table user_identities enable row level security;
alter table privacy_users enable row level security;
alter table nip05_records enable row level security;
alter table nostr_backups enable row level security;
alter table lightning_addresses enable row level security;
alter table reward_redemptions enable row level security;

drop policy if exists profiles_own on profiles;
create policy profiles_own on profiles for all to authenticated
  using (id = (select auth.uid())) with check (id = (select auth.uid()));

drop policy if exists user_identities_own on user_identities;
create policy user_identities_own on user_identities for all to authenticated
  using (profile_id = (select auth.uid())) with check (profile_id = (select auth.uid()));

drop policy if exists families_members on families;
create policy families_members on families for select to authenticated
  using (id in (select family_id from user_identities where profile_id = (select auth.uid())));

drop policy if exists privacy_users_own on privacy_users;
create policy privacy_users_own on privacy_users for all to authenticated
  using (profile_id = (select auth.uid())) with check (profile_id = (select auth.uid()));

drop policy if exists nip05_records_public on nip05_records;
create policy nip05_records_public on nip05_records for select to anon, authenticated
  using (is_active);

drop policy if exists nostr_backups_own on nostr_backups;
create policy nostr_backups_own on nostr_backups for all to authenticated
  using (profile_id = (select auth.uid())) with check (profile_id = (select auth.uid()));

drop policy if exists lightning_addresses_own on lightning_addresses;
create policy lightning_addresses_own on lightning_addresses for all to authenticated
  using (profile_id = (select auth.uid())) with check (profile_id = (select auth.uid()));

drop policy if exists reward_redemptions_own on reward_redemptions;
create policy reward_redemptions_own on reward_redemptions for select to authenticated
  using (profile_id = (select auth.uid()));

insert into nip05_records (name, pubkey)
values ('_', repeat('0', 64))
on conflict (name) do nothing;
