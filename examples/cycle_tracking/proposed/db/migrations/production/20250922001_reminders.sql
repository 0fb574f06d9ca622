-- Migration: 20250922001_reminders.sql
-- Description: Reminders, a partner who may see them, and tokens that always expire
-- Author: backend
-- Created: 2025-09-22

-- Looks at every row, and lets everybody read and write meanwhile: nothing else is locked yet.
alter table share_token validate constraint share_token_expires;

create table symptom_reminder (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references users (id) on delete cascade,
  ciphertext bytea not null,
  fires_at timestamptz not null default now()
);
create index symptom_reminder_user_id_idx on symptom_reminder (user_id, fires_at);

alter table symptom_reminder enable row level security;
create policy symptom_reminder_own on symptom_reminder for all to authenticated
  using (user_id = (select auth.uid())) with check (user_id = (select auth.uid()));
-- The server must not read health data.
create policy symptom_reminder_no_service on symptom_reminder for all to service_role
  using (false);

create table partner_share (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references users (id) on delete cascade,
  partner_id uuid not null references users (id) on delete cascade,
  created_at timestamptz not null default now(),
  unique (user_id, partner_id)
);
