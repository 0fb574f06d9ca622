-- Projects made before 2026-05-30, until the platform's change of 2026-10-30: whatever postgres creates in public is
-- open to every role of the Data API, TRUNCATE included, and only row level security stands in between.
alter default privileges for role postgres in schema public
  grant all on tables to postgres, anon, authenticated, service_role;
alter default privileges for role postgres in schema public
  grant all on sequences to postgres, anon, authenticated, service_role;
alter default privileges for role postgres in schema public
  grant all on functions to postgres, anon, authenticated, service_role;
