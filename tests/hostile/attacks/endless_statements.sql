-- Tries to keep us with many statements that each end in time.
-- Must be stopped with the whole server when the run has taken its time.
-- limits: run=2
-- ends: because the run had not ended after 2 s
select pg_sleep(0.5);
select pg_sleep(0.5);
select pg_sleep(0.5);
select pg_sleep(0.5);
select pg_sleep(0.5);
select pg_sleep(0.5);
select pg_sleep(0.5);
select pg_sleep(0.5);
