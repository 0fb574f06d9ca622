-- The new default, in the platform's own words: what the Data API uses is revoked, TRUNCATE, REFERENCES and TRIGGER
-- remain. Functions stay callable, because PostgreSQL itself grants EXECUTE to PUBLIC and no statement for one schema
-- can take that away. Runs after the legacy form; postgres may run it too, so it can also be a cut-over in mid-history.
alter default privileges for role postgres in schema public
  revoke select, insert, update, delete on tables from anon, authenticated, service_role;
alter default privileges for role postgres in schema public
  revoke usage, select on sequences from anon, authenticated, service_role;
alter default privileges for role postgres in schema public
  revoke execute on functions from anon, authenticated, service_role;
