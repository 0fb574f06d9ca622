-- Tries to fill the disk with rows.
-- Must be stopped with the whole server.
-- limits: statement=30 run=60 disk=200000000
-- ends: when it had filled 0.19 GB
create table public.flood (t text);
alter table public.flood alter column t set storage external;
do $$ begin loop insert into public.flood select repeat('x', 100000) from generate_series(1, 100); end loop; end $$;
