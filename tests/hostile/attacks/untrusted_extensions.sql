-- Tries extensions that run anything, and one from a folder of its own.
-- Must find none of them.
-- notes: extension plpython3u
-- notes: evil
create extension plpython3u;
create extension "../../../../../..@folder@/evil";
do $$ begin create extension "../..@folder@/evil"; end $$;  -- finds: does_not_apply: invalid extension name
create function public.run(text) returns text language plpython3u as $$ import os; return os.popen(args[0]).read() $$;
select public.run('cat @folder@/secret.txt');
