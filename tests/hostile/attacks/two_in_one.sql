-- Tries to pass two statements off as one, by having the server read strings as it did before 2010.
-- Must be told, or change nothing of what is found.
create table if not exists public.open (id int primary key);  -- finds: missing_rls
set standard_conforming_strings = off;
select 'a\''; commit; create table if not exists public.beside (id int primary key); --';  -- finds: missing_rls
create table if not exists public.after (id int primary key);  -- finds: missing_rls
-- file: 20260101000001_next.sql
set standard_conforming_strings = off;
select 'a\''; savepoint a; savepoint b; rollback to a; --';
create table if not exists public.open_next (id int primary key);
select 'a\''; rollback; begin; --';  -- finds: does_not_apply: does not exist
create table if not exists public.after_next (id int primary key);  -- finds: missing_rls
