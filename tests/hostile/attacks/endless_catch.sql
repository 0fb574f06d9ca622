-- Tries to keep us for ever, catching every cancel.
-- Must lose its session, and the run ends with a sentence about it.
-- ends: 20260101000000_attack.sql:5: this ended the database session (stopped because it had not ended after 2 s)
set statement_timeout = 0;
do $$ begin loop begin perform pg_sleep(60); exception when query_canceled then null; end; end loop; end $$;
