-- Migration: 20250909004_performance_indexes.sql
-- Description: Indexes for the policies, for sync, and for the clean-up job
-- Author: backend
-- Created: 2025-09-09

create index encrypted_cycle_data_user_id_idx on encrypted_cycle_data (user_id, updated_at desc);
create index healthcare_share_user_id_idx on healthcare_share (user_id) where revoked_at is null;
create index share_token_share_id_idx on share_token (share_id);
create index share_token_expires_at_idx on share_token (expires_at) where expires_at is not null;
create index security_audit_log_user_id_idx on security_audit_log (user_id, occurred_at desc);
