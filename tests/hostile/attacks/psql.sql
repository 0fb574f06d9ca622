-- Tries what psql would do with a line of its own: programs, files, another connection.
-- Must never be sent anywhere.
\! touch @folder@/written  -- finds: does_not_parse
\copy (select 1) to '@folder@/written'  -- finds: does_not_parse
\o @folder@/written
\i @folder@/secret.txt
\set x `cat @folder@/secret.txt`
\connect canary
select 'select 1' \gexec
select 1 \g | touch @folder@/written
create schema if not exists app;
