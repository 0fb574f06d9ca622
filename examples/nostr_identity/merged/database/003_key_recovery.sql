create table if not exists nostr_key_recovery (
  id uuid primary key default gen_random_uuid(),
  identity_id uuid not null references user_identities (id) on delete cascade,
  status text not null default 'pending' check (status in ('pending', 'approved', 'rejected', 'done')),
  guardian_approvals integer not null default 0,
  requested_at timestamptz not null default now()
);

create table if not exists key_rotation_logs (
  id bigint generated always as identity primary key,
  identity_id uuid references user_identities (id) on delete set null,
  old_npub text not null,
  new_npub text not null,
  rotated_at timestamptz not null default now()
);

alter table nostr_key_recovery enable row level security;
alter table key_rotation_logs enable row level security;

drop policy if exists nostr_key_recovery_own on nostr_key_recovery;
create policy nostr_key_recovery_own on nostr_key_recovery for all to authenticated
  using (identity_id in (select id from user_identities where profile_id = (select auth.uid())));

drop policy if exists key_rotation_logs_read on key_rotation_logs;
create policy key_rotation_logs_read on key_rotation_logs for select to authenticated
  using (identity_id in (select id from user_identities where profile_id = (select auth.uid())));
