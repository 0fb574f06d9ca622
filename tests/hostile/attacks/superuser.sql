-- Tries to become superuser, or to make or take over one.
-- Must be refused.
-- notes: replication for role postgres
alter role postgres superuser;  -- finds: does_not_apply: permission denied to alter role
alter role postgres replication;
create role helper superuser;  -- finds: does_not_apply: permission denied to create role
alter role supabase_admin password 'x';  -- finds: does_not_apply: permission denied to alter role
alter role supabase_admin nologin;  -- finds: does_not_apply: permission denied to alter role
alter role supabase_admin set search_path = evil;  -- finds: does_not_apply: permission denied to alter role
alter role supabase_admin rename to nobody_home;  -- finds: does_not_apply: permission denied to rename role
drop role supabase_admin;  -- finds: does_not_apply: permission denied to drop role
grant supabase_admin to postgres;  -- finds: does_not_apply: permission denied to grant role
set role supabase_admin;  -- finds: does_not_apply: permission denied to set role
set session authorization supabase_admin;  -- finds: does_not_apply: permission denied to set session authorization
set local session authorization 'supabase_admin';  -- finds: does_not_apply: permission denied to set session authorization
select set_config('session_authorization', 'supabase_admin', false);  -- finds: does_not_apply: permission denied
select set_config('role', 'supabase_admin', false);  -- finds: does_not_apply: permission denied to set role
select set_config('is_superuser', 'on', false);  -- finds: does_not_apply: cannot be changed
reassign owned by supabase_admin to postgres;  -- finds: does_not_apply: permission denied to reassign objects
drop owned by supabase_admin;  -- finds: does_not_apply: permission denied to drop objects
create function public.escalate() returns void language sql security definer as 'alter role postgres superuser';
alter function public.escalate() owner to supabase_admin;  -- finds: does_not_apply: must be able to SET ROLE
