-- Tries to lock us out: the migration role changes itself.
-- Must be refused, or change nothing of what is found.
create table if not exists public.open (id int primary key);  -- finds: missing_rls
alter role postgres nologin;  -- finds: does_not_apply: permission denied to alter role
alter role postgres connection limit 0;  -- finds: does_not_apply: permission denied to alter role
alter role postgres valid until '2001-01-01';  -- finds: does_not_apply: permission denied to alter role
alter role postgres password 'changed';
alter role postgres rename to somebody;  -- finds: does_not_apply: session user cannot be renamed
drop role postgres;  -- finds: does_not_apply: current user cannot be dropped
revoke anon from postgres;
create role pg_evil;  -- finds: does_not_apply: reserved
