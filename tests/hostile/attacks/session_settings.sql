-- Tries to lame our own questions in the session that we share.
-- Must change nothing of what is found.
set client_encoding = 'sjis';
set standard_conforming_strings = off;
set row_security = off;
set datestyle = 'german, dmy';
set intervalstyle = 'sql_standard';
set bytea_output = 'escape';
set transform_null_equals = on;
set array_nulls = off;
set quote_all_identifiers = on;
set default_transaction_read_only = on;
set default_transaction_isolation = 'serializable';
set default_transaction_deferrable = on;
set client_min_messages = error;
set enable_seqscan = off;
set enable_indexscan = off;
set enable_hashjoin = off;
set join_collapse_limit = 1;
set default_tablespace = 'pg_global';
set check_function_bodies = off;
set escape_string_warning = on;
set backslash_quote = on;
set xmloption = document;
set extra_float_digits = -15;
set timezone = 'Pacific/Kiritimati';
set lock_timeout = 1;
reset default_tablespace;
create table if not exists public.open (id int primary key);  -- finds: missing_rls
commit;
create table if not exists public.open_too (id int primary key);  -- finds: does_not_apply: read-only transaction
-- file: 20260101000001_next.sql
create table if not exists public.open_next (id int primary key);  -- finds: missing_rls
