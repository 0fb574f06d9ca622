-- Tries the functions in C that belong to the migration role, with what they do not expect.
-- Must not bring the server down, or say that it went down.
-- may end: died
alter type pg_parked_vector.vector set (storage = plain);  -- may find: does_not_apply
select pg_parked_vector.vector_typmod_in(array['-1']::cstring[]);  -- may find: does_not_apply
select pg_parked_vector.vector_recv(null, 0, 0);  -- may find: does_not_apply
create function public.evil(internal, oid, int) returns pg_parked_vector.vector language c as '$libdir/vector', 'vector_recv';  -- finds: does_not_apply: permission denied for language c
create aggregate public.evil (double precision) (sfunc = pg_parked_vector.vector_accum, stype = double precision[], initcond = '{}');  -- may find: does_not_apply
create function public.vector(text) returns text language sql as $$ select $1 $$;
