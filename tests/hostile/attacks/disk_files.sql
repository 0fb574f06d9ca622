-- Tries to fill the disk with many empty files.
-- Must be stopped with the whole server.
-- limits: statement=30 run=60 disk=200000000
-- ends: when it had filled 0.19 GB
do $$ begin for n in 1..3000 loop execute format('create table public.a%s (a text primary key, b text unique)', n); end loop; end $$;
commit;
do $$ begin for n in 1..3000 loop execute format('create table public.b%s (a text primary key, b text unique)', n); end loop; end $$;
commit;
do $$ begin for n in 1..3000 loop execute format('create table public.c%s (a text primary key, b text unique)', n); end loop; end $$;
