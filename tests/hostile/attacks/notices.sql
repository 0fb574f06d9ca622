-- Tries to drown us in notices, small and large, and in a large error.
-- Must end in time; the error that is told is a short one.
do $$ begin for n in 1..20000 loop raise notice 'notice %', n; end loop; end $$;
do $$ begin for n in 1..3 loop raise warning using message = repeat('x', 3000000), hint = repeat('y', 3000000); end loop; end $$;
do $$ begin raise exception using message = repeat('long ', 3000000), detail = repeat('z', 3000000); end $$;  -- finds: fails_without_rows: long long
