-- Migration: 20250912001_share_token_expiry_check.sql
-- Description: Every new token expires. Old ones are checked in the next release
-- Author: backend
-- Created: 2025-09-12

alter table share_token
  add constraint share_token_expires check (expires_at is not null) not valid;
