-- Tries single values as large as can be.
-- Must be refused; the server lives on.
-- limits: statement=10
select string_agg(repeat('x', 100000000), '') from generate_series(1, 20);  -- finds: does_not_apply: out of memory
select lpad('', 2000000000);  -- finds: does_not_apply: requested length too large
do $$ declare t text := repeat('x', 1000000); begin loop t := t || t; end loop; end $$;  -- finds: does_not_apply: out of memory
select array_fill(0, array[2000000000]);  -- finds: does_not_apply
