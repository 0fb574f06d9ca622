-- Tries to spoil every later session of the role and of the database, ours included.
-- Must change nothing of what is found, nor where.
create role nobody_special;
grant nobody_special to postgres with set true;
alter role postgres set role = 'nobody_special';
alter role postgres set session_authorization = 'nobody_special';
alter role postgres set statement_timeout = 1;
alter role postgres set transaction_timeout = 1;  -- may find: does_not_apply
alter role postgres set lock_timeout = 1;
alter role postgres set idle_in_transaction_session_timeout = 1;
alter role postgres set idle_session_timeout = 1;
alter role postgres set default_transaction_read_only = on;
alter role postgres set default_transaction_isolation = 'serializable';
alter role postgres set local_preload_libraries = '$libdir/plugins/nothing';
alter role postgres set client_encoding = 'sjis';
alter role postgres set standard_conforming_strings = off;
alter role postgres set quote_all_identifiers = on;
alter role postgres set row_security = off;
alter role postgres set client_min_messages = error;
alter role postgres set datestyle = 'german';
alter role postgres set default_tablespace = 'pg_global';
alter role postgres set default_table_access_method = 'heap';
alter role postgres set max_stack_depth = '100kB';  -- may find: does_not_apply
alter role postgres set session_preload_libraries = 'nothing';  -- finds: does_not_apply: permission denied to set parameter
alter role postgres set log_min_messages = debug5;
alter role postgres set temp_file_limit = -1;  -- finds: does_not_apply: permission denied to set parameter
alter database postgres set statement_timeout = 1;
alter database postgres set default_transaction_read_only = on;
alter database postgres set local_preload_libraries = '$libdir/plugins/nothing';
create table if not exists public.open (id int primary key);  -- finds: missing_rls
