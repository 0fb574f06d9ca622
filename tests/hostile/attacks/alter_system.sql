-- Tries to change the server itself.
-- Must be refused. Reading its settings again is what Supabase allows.
-- notes: set log_min_messages
alter system set archive_command = 'touch @folder@/written';  -- finds: does_not_apply: permission denied to set parameter
alter system set listen_addresses = '*';  -- finds: does_not_apply: permission denied to set parameter
alter system reset all;  -- finds: does_not_apply: permission denied
set log_min_messages = debug5;
set temp_file_limit = -1;  -- finds: does_not_apply: permission denied to set parameter
select pg_reload_conf();
select pg_rotate_logfile();  -- finds: does_not_apply: permission denied
select pg_switch_wal();  -- finds: does_not_apply: permission denied
select pg_backup_start('x');  -- finds: does_not_apply: permission denied
select pg_promote();  -- finds: does_not_apply: permission denied
checkpoint;  -- finds: does_not_apply: permission denied
