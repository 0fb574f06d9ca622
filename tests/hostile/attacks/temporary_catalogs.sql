-- Tries to hide from the rules behind temporary tables, views and types with the names of catalogs, and to keep them for
-- the next file by leaving too little time to forget them.
-- Must change nothing of what is found.
create temp view pg_class as select * from pg_catalog.pg_class where relname !~ 'open';
create temp view pg_namespace as select * from pg_catalog.pg_namespace where false;
create temp view pg_policy as select * from pg_catalog.pg_policy;
create temp table pg_constraint (oid oid, conname name, conrelid oid, contype "char");
create domain pg_temp.regclass as pg_catalog.text;
create domain pg_temp.oid as pg_catalog.int4 check (false);
create temp table pg_locks (pid int);
create table if not exists public.open (id int primary key);  -- finds: missing_rls
do $$ begin for n in 1..300 loop execute format('create temp table t%s (a int)', n); end loop; end $$;
set statement_timeout = '5ms';
-- file: 20260101000001_next.sql
create table if not exists public.open_next (id int primary key);  -- finds: missing_rls
do $$ begin assert to_regclass('pg_temp.pg_class') is null; end $$;
