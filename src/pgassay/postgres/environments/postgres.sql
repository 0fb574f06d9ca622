-- A plain PostgreSQL database as a migration owner finds it: it may create in public and hand that right on.
-- The database is owned by postgres, so postgres also acts as pg_database_owner, the owner of public.
grant usage, create on schema public to postgres with grant option;
