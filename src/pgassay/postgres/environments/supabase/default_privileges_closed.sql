-- Neither way: what postgres makes in public is its own until somebody grants it.
alter default privileges for role postgres in schema public
  revoke all on tables from postgres, anon, authenticated, service_role;
alter default privileges for role postgres in schema public
  revoke all on sequences from postgres, anon, authenticated, service_role;
alter default privileges for role postgres in schema public
  revoke all on functions from postgres, anon, authenticated, service_role;
