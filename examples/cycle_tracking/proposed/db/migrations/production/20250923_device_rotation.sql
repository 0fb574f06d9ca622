-- Every key knows the rotation that it came from.
alter table device_key
  add column rotation_id uuid not null default gen_random_uuid();

create index security_audit_log_event_idx on security_audit_log (event, occurred_at desc);

alter table device_key alter column device_hash type varchar(128);
