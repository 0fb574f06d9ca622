-- Tries to run code whenever anybody, the superuser included, changes a schema or logs in.
-- Must not get an event trigger.
-- notes: event trigger evil
-- notes: permission denied to create event trigger
create function public.on_ddl() returns event_trigger language plpgsql as $$
begin
  execute 'alter role postgres superuser';
end $$;
create event trigger evil on ddl_command_end execute function public.on_ddl();
create event trigger evil_login on login execute function public.on_ddl();
do $$ begin create event trigger evil_too on ddl_command_start execute function public.on_ddl(); end $$;
create table if not exists public.after (a int);  -- finds: missing_rls
