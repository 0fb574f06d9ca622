-- Tries to fill the disk with temporary files.
-- Must be refused by temp_file_limit, which is the superuser's.
-- limits: statement=30 run=60
select count(*) from (select md5(n::text) as t from generate_series(1, 100000000) as n order by 1) as s;  -- finds: does_not_apply: temp_file_limit
