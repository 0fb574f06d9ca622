-- Tries to be in the way of our own objects: the scratch schema, the databases, the roles.
-- Must change nothing of what is found.
create schema pgassay_scratch;
create table if not exists pgassay_scratch.shape (id int primary key);
create table if not exists public.open (id int primary key);  -- finds: missing_rls
create table if not exists public.open (id int primary key, name text);  -- finds: guard_hides_mismatch
create role pgassay;
create role pgassay_parking;
drop schema pgassay_scratch cascade;
