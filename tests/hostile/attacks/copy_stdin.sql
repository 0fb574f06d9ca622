-- Tries to make us wait for rows, and to pass statements off as rows.
-- Must not wait.
create table if not exists public.rows (a text);  -- finds: missing_rls
copy public.rows from stdin;  -- finds: does_not_apply: the script brings no rows for it
one
\.
do $$ begin execute 'copy public.rows from stdin'; end $$;  -- finds: does_not_apply: cannot COPY to/from client
copy public.rows to stdout;
