-- Tries to drop and give away everything at once.
-- Must end with a report.
create table if not exists public.open (id int primary key);
reassign owned by postgres to anon;  -- may find: does_not_apply
drop owned by anon cascade;  -- may find: does_not_apply
drop owned by postgres cascade;  -- may find: does_not_apply
drop schema if exists public cascade;  -- may find: does_not_apply
create schema if not exists app;  -- may find: does_not_apply
