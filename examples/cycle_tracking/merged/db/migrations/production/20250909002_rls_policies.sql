-- Migration: 20250909002_rls_policies.sql
-- Description: Everybody sees their own rows and nobody else's
-- Author: backend
-- Created: 2025-09-09

alter table users enable row level security;
alter table encrypted_user_prefs enable row level security;
alter table encrypted_cycle_data enable row level security;
alter table healthcare_share enable row level security;
alter table share_token enable row level security;
alter table device_key enable row level security;
alter table security_audit_log enable row level security;
alter table healthcare_share_audit enable row level security;

create policy users_own on users for all to authenticated
  using (id = (select auth.uid())) with check (id = (select auth.uid()));
create policy encrypted_user_prefs_own on encrypted_user_prefs for all to authenticated
  using (user_id = (select auth.uid())) with check (user_id = (select auth.uid()));
create policy encrypted_cycle_data_own on encrypted_cycle_data for all to authenticated
  using (user_id = (select auth.uid())) with check (user_id = (select auth.uid()));
create policy healthcare_share_own on healthcare_share for all to authenticated
  using (user_id = (select auth.uid())) with check (user_id = (select auth.uid()));
create policy share_token_own on share_token for all to authenticated
  using (share_id in (select id from healthcare_share where user_id = (select auth.uid())));
create policy device_key_own on device_key for all to authenticated
  using (user_id = (select auth.uid())) with check (user_id = (select auth.uid()));
create policy security_audit_log_read on security_audit_log for select to authenticated
  using (user_id = (select auth.uid()));
create policy healthcare_share_audit_read on healthcare_share_audit for select to authenticated
  using (share_id in (select id from healthcare_share where user_id = (select auth.uid())));
