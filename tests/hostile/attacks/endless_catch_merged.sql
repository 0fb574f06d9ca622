-- Tries the same from a merged file.
-- Must lose its session, and the run ends with a sentence about it.
-- ends: 20250101000000_merged.sql: this ended the database session (stopped because it had not ended after 2 s)
-- merged: 20250101000000_merged.sql
do $$ begin loop begin perform pg_sleep(60); exception when query_canceled then null; end; end loop; end $$;
-- file: 20260101000000_attack.sql
create schema if not exists app;
