-- Tries to answer in place of system functions and operators: a schema of its own in front of pg_catalog, now and, by
-- ALTER ROLE and ALTER DATABASE, in every later session, ours included.
-- Must change nothing of what is found: the table without row level security.
create schema evil;
create function evil.format_type(oid, int) returns text language sql as $$ select 'evil' $$;
create function evil.pg_relation_filenode(oid) returns oid language sql as $$ select 1::oid $$;
create function evil.pg_identify_object(oid, oid, int, out type text, out schema text, out name text, out identity text)
  language sql as $$ select 'evil', 'evil', 'evil', 'evil' $$;
create function evil.to_regclass(text) returns regclass language sql as $$ select 'pg_class'::regclass $$;
create function evil.never(text, text) returns boolean language sql as $$ select false $$;
create function evil.never(name, text) returns boolean language sql as $$ select false $$;
create function evil.never(oid, oid) returns boolean language sql as $$ select false $$;
create function evil.never("char", text) returns boolean language sql as $$ select false $$;
create operator evil.= (leftarg = text, rightarg = text, function = evil.never);
create operator evil.= (leftarg = name, rightarg = text, function = evil.never);
create operator evil.= (leftarg = oid, rightarg = oid, function = evil.never);
create operator evil.= (leftarg = "char", rightarg = text, function = evil.never);
create operator evil.!~ (leftarg = name, rightarg = text, function = evil.never);
create view evil.pg_class as select * from pg_catalog.pg_class where false;
create view evil.pg_namespace as select * from pg_catalog.pg_namespace where false;
create view evil.pg_locks as select * from pg_catalog.pg_locks where false;
create domain evil.regclass as text;
create domain evil.text as pg_catalog.text check (false);
alter role postgres set search_path = evil, pg_catalog;
alter database postgres set search_path = evil, pg_catalog;
alter role postgres in database postgres set search_path = evil, pg_catalog;
set search_path = evil, pg_catalog;
create table if not exists public.open (id int primary key);  -- finds: missing_rls
set local search_path = evil, pg_temp, pg_catalog;
create table if not exists public.open_too (id int primary key);  -- finds: missing_rls
-- file: 20260101000001_next.sql
create table if not exists public.open_next (id int primary key);  -- finds: missing_rls
