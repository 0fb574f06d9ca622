-- Tries expressions that take exponential time, and texts that nest without end.
-- Must end in time.
select repeat('a', 100000) ~ '^(((a*)*)*)*b';  -- may find: does_not_apply
select repeat('a', 10000) ~ '(a+)+(a+)+(a+)+\1\2\3b';  -- may find: does_not_apply
select repeat('[', 30000)::jsonb;  -- finds: does_not_apply: stack depth limit exceeded
