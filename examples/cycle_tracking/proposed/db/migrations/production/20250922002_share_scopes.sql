-- Migration: 20250922002_share_scopes.sql
-- Description: Scopes become a list of their own, trails are tidied up with their share
-- Author: backend
-- Created: 2025-09-22

-- The validated constraint proves it, so nothing is read.
alter table share_token alter column expires_at set not null;
alter table share_token drop constraint share_token_expires;

drop type share_scope cascade;

create table share_topic (
  share_id uuid not null references healthcare_share (id) on delete cascade,
  topic varchar(40) not null,
  primary key (share_id, topic)
);

create policy share_topic_own on share_topic for all to authenticated
  using (share_id in (select id from healthcare_share where user_id = (select auth.uid())));

alter table healthcare_share_audit
  drop constraint healthcare_share_audit_share_id_fkey,
  add constraint healthcare_share_audit_share_id_fkey
    foreign key (share_id) references healthcare_share (id) on delete cascade;
