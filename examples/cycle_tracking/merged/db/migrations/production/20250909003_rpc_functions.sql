-- Migration: 20250909003_rpc_functions.sql
-- Description: Versioned writes, key rotation, and the door for a clinic with a token
-- Author: backend
-- Created: 2025-09-09

create function update_cycle_data_optimistic(p_id uuid, p_ciphertext bytea, p_nonce bytea, p_version integer)
returns integer
language plpgsql set search_path = ''
as $$
declare
  written integer;
begin
  update public.encrypted_cycle_data
  set ciphertext = p_ciphertext, nonce = p_nonce, version = version + 1
  where id = p_id and version = p_version
  returning version into written;
  if written is null then
    raise exception 'Somebody else wrote first' using errcode = '40001';
  end if;
  return written;
end
$$;

create function rotate_device_key(p_device_hash text, p_wrapped_key bytea) returns void
language sql set search_path = ''
as $$
  update public.device_key set wrapped_key = p_wrapped_key, status = 'active'
  where device_hash = p_device_hash and user_id = auth.uid()
$$;

-- A clinic holds a token and no account.
create function validate_share_token(p_token_hash text) returns bytea
language sql stable security definer set search_path = ''
as $$
  select s.ciphertext from public.healthcare_share s
  join public.share_token t on t.share_id = s.id
  where t.token_hash = p_token_hash and t.expires_at > now() and s.revoked_at is null
$$;
