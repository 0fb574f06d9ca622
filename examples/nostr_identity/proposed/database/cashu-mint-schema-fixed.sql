-- Mints that we trust, and the tokens that they gave out.

create table if not exists cashu_mints (
  id uuid primary key default gen_random_uuid(),
  url text not null unique,
  is_active boolean not null default true,
  created_at timestamptz not null default now()
);

create table if not exists cashu_tokens (
  id uuid primary key default gen_random_uuid(),
  mint_id uuid not null references cashu_mints (id) on delete restrict,
  identity_id uuid not null references user_identities (id) on delete cascade,
  encrypted_token text not null,
  amount_sats bigint not null check (amount_sats > 0)
);

create index if not exists cashu_tokens_identity_id_idx on cashu_tokens (identity_id);

alter table cashu_mints enable row level security;
alter table cashu_tokens enable row level security;

drop policy if exists cashu_mints_public on cashu_mints;
create policy cashu_mints_public on cashu_mints for select to anon, authenticated
  using (is_active);

drop policy if exists cashu_tokens_own on cashu_tokens;
create policy cashu_tokens_own on cashu_tokens for all to authenticated
  using (identity_id in (select id from user_identities where profile_id = (select auth.uid())));
