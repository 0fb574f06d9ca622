-- Tries to be in the way of statements and cursors of ours.
-- Must change nothing of what is found.
prepare _pg3_0 as select 1;
prepare "_pg3_1" (int) as select $1;
prepare s as select 'evil';
declare c cursor with hold for select 1;
declare "pgassay" cursor with hold for select 1;
create table if not exists public.open (id int primary key);  -- finds: missing_rls
deallocate all;
close all;
deallocate prepare _pg3_0;  -- finds: does_not_apply: does not exist
