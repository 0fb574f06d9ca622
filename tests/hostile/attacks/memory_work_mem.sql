-- Tries to take all memory: work_mem is anybody's to set.
-- Must be refused by the limit on address space; the server lives on.
-- limits: statement=10
set work_mem = '2000GB';
set maintenance_work_mem = '2000GB';
set hash_mem_multiplier = 1000;
select length(string_agg(a, '')) from (select repeat('x', 1000000) || n as a from generate_series(1, 5000) as n order by 1) as t;  -- finds: does_not_apply: out of memory
create table if not exists public.after (id int primary key);  -- finds: missing_rls
