-- A plain PostgreSQL database as a migration owner finds it: it may create in public and hand that right on.
-- The database is owned by postgres, so postgres also acts as pg_database_owner, the owner of public.
-- Where migrations run under another name, pgassay.migration_role says so.
do $grant$
begin
  execute format(
    'grant usage, create on schema public to %I with grant option',
    coalesce(nullif(current_setting('pgassay.migration_role', true), ''), 'postgres')
  );
end
$grant$;
