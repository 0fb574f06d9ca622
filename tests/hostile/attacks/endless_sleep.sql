-- Tries to keep us by sleeping, in a function that a later statement calls.
-- Must be cancelled.
create function public.later() returns void language sql as 'select pg_sleep(3600)';
select public.later();  -- finds: does_not_apply: stopped because it had not ended after 2 s
