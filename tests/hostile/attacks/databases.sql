-- Tries to take the names of our databases, and to drop, rename or refill those that it can name.
-- Must change nothing of what is found.
create table if not exists public.open (id int primary key);  -- finds: missing_rls
create database pgassay_blame;
create database pgassay;  -- finds: does_not_apply: already exists
create database copied template canary;  -- finds: does_not_apply: permission denied to copy database
create database copied template pgassay;  -- finds: does_not_apply: permission denied to copy database
drop database pgassay_base;  -- finds: does_not_apply: must be owner
drop database canary;  -- finds: does_not_apply: must be owner
drop database pgassay;  -- finds: does_not_apply: must be owner
drop database postgres;  -- finds: does_not_apply: cannot drop the currently open database
alter database pgassay_base rename to elsewhere;  -- finds: does_not_apply: must be owner
alter database pgassay_base allow_connections false;  -- finds: does_not_apply: must be owner
alter database pgassay_base set search_path = evil;  -- finds: does_not_apply: must be owner
alter database postgres rename to elsewhere;  -- finds: does_not_apply: current database cannot be renamed
alter database postgres is_template true;
alter database postgres connection limit 0;
alter database postgres owner to anon;
select * from canary.public.kept;  -- finds: does_not_apply: cross-database references are not implemented
create table if not exists public.open_too (id int primary key);  -- finds: missing_rls
