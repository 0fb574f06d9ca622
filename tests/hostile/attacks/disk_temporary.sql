-- Tries to fill the disk with temporary tables, which temp_file_limit leaves alone.
-- Must be stopped with the whole server.
-- limits: statement=30 run=60 disk=200000000
-- ends: when it had filled 0.19 GB
create temp table flood (t text);
alter table flood alter column t set storage external;
do $$ begin loop insert into flood select repeat('x', 100000) from generate_series(1, 100); end loop; end $$;
