-- Tries to leave a transaction behind that outlives its session and keeps its locks.
-- Must be refused.
begin;
create schema if not exists held;
prepare transaction 'held';  -- finds: does_not_apply: prepared transactions are disabled
