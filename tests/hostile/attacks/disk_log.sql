-- Tries to fill the disk with the server's log.
-- Must not: no log is written to disk, and what migrations say does not get into it.
-- limits: statement=20 run=60
set debug_print_plan = on;
set debug_print_parse = on;
set debug_print_rewritten = on;
do $$ begin for n in 1..20000 loop raise log '%', repeat('flood ', 1000); end loop; end $$;
do $$ begin for n in 1..200 loop raise log using message = repeat('flood ', 100000), detail = repeat('x', 1000000); end loop; end $$;
do $$ begin for n in 1..200 loop begin execute repeat('x', 1000000); exception when others then null; end; end loop; end $$;
