-- Tries the same from schema public, which is on every search path.
-- Must change nothing of what is found.
create function public.lower(varchar) returns text language sql as $$ select pg_catalog.lower($1) $$;
create function public.format_type(bigint, bigint) returns text language sql as $$ select 'evil' $$;
create function public.never(name, varchar) returns boolean language sql as $$ select false $$;
create operator public.= (leftarg = name, rightarg = varchar, function = public.never);
create operator public.~ (leftarg = name, rightarg = varchar, function = public.never);
create table if not exists public.pg_class (id int primary key);  -- finds: missing_rls
create table if not exists public.pg_locks (id int primary key);  -- finds: missing_rls
