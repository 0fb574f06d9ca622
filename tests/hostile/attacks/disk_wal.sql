-- Tries to fill the disk with the log of changes, without a table.
-- Must be cancelled: the log goes round in circles.
do $$ begin loop perform pg_logical_emit_message(false, 'x', repeat('x', 1000000)); end loop; end $$;  -- finds: does_not_apply: stopped because it had not ended
