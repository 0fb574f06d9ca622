-- Tries to drown us in rows.
-- Must be thrown away as they come, and cancelled.
select repeat('x', 1000), generate_series(1, 1000000000000);  -- finds: does_not_apply: stopped because it had not ended
copy (select generate_series(1, 1000000000000)) to stdout;  -- finds: does_not_apply: stopped because it had not ended
