-- Tries to keep us for ever from a merged file.
-- Must be cancelled twice, once with its whole file and once alone, and be a note.
-- notes: 1 of 1 merged files do not apply to an empty server
-- notes: stopped because it had not ended after 2 s
-- merged: 20250101000000_merged.sql
do $$ begin loop null; end loop; end $$;
create schema app;
-- file: 20260101000000_attack.sql
create table if not exists app.after (id int primary key);
