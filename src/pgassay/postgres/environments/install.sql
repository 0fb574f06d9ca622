-- Procedures of the superuser's session that make extensions ready in a template. They are gone when it disconnects.

-- The real extension where the server has it. Otherwise the stand-in, with a row in pg_extension and its objects as
-- members: then the server itself answers a CREATE EXTENSION IF NOT EXISTS that nobody could replace, inside DO and
-- EXECUTE, and whoever looks into pg_extension finds what production has. No statement does that, hence the catalogs.
create procedure pg_temp.install(extension text, home regnamespace, script text)
  language plpgsql
as $$
declare
  id oid;
  member record;
begin
  if exists (select from pg_catalog.pg_available_extensions where name = extension) then
    execute format('create extension %I with schema %s', extension, home);
    return;
  end if;
  perform set_config('allow_system_table_mods', 'on', true);
  id := pg_nextoid('pg_catalog.pg_extension', 'oid', 'pg_catalog.pg_extension_oid_index');
  insert into pg_catalog.pg_extension (oid, extname, extowner, extnamespace, extrelocatable, extversion)
  values (id, extension, current_user::regrole, home, false, 'pgassay');
  insert into pg_catalog.pg_depend (classid, objid, objsubid, refclassid, refobjid, refobjsubid, deptype)
  values ('pg_catalog.pg_extension'::regclass, id, 0, 'pg_catalog.pg_namespace'::regclass, home, 0, 'n');
  perform set_config('allow_system_table_mods', 'off', true);
  execute replace(script, '@extschema@', home::text);
  for member in
    select identified.type, identified.identity
    from (
      select 'pg_catalog.pg_proc'::regclass as class, oid from pg_catalog.pg_proc
      union all
      select 'pg_catalog.pg_class'::regclass, oid from pg_catalog.pg_class where relkind in ('r', 'v')
    ) as made
      cross join lateral pg_catalog.pg_identify_object(made.class, made.oid, 0) as identified
    where made.oid > id and not exists (
      select from pg_catalog.pg_depend as d where d.classid = made.class and d.objid = made.oid and d.deptype = 'e'
    )
  loop
    execute format('alter extension %I add %s %s', extension, member.type, member.identity);
  end loop;
end
$$;

-- What only a superuser can make, in a schema that no search path names, for CREATE EXTENSION to move later. All of it
-- belongs to postgres, or to the role that pgassay.migration_role names in its place, because moving takes ownership; a
-- role that lives for this transaction hands it over. The owner of functions in C can crash the server with them and no
-- more: replacing one of them in C would take a superuser.
-- The schema's name begins with pg_, which everybody leaves out who looks for the schemas of an application.
create procedure pg_temp.park(extension text, script text, mark text)
  language plpgsql
as $$
declare
  home constant text := format('%I', 'pg_parked_' || extension);
  made regprocedure;
begin
  create role pgassay_parking superuser;
  set local role pgassay_parking;
  perform set_config('allow_system_table_mods', 'on', true);
  execute format('create schema %s', home);
  perform set_config('allow_system_table_mods', 'off', true);
  if script is null then
    execute format('create extension %I with schema %s', extension, home);
  else
    execute replace(script, '@extschema@', home);
    for made in select oid from pg_catalog.pg_proc where pronamespace = home::regnamespace loop
      execute format('comment on routine %s is %L', made, mark);
    end loop;
  end if;
  reset role;
  execute format(
    'reassign owned by pgassay_parking to %I',
    coalesce(nullif(current_setting('pgassay.migration_role', true), ''), 'postgres')
  );
  drop role pgassay_parking;
end
$$;

-- What reads the bodies of PL/pgSQL functions, where the server has it: in a schema as above and under a name of ours,
-- because it is not the author's. No statement renames an extension, and its functions refuse to work outside one.
create procedure pg_temp.borrow_body_check()
  language plpgsql
as $$
begin
  if not exists (select from pg_catalog.pg_available_extensions where name = 'plpgsql_check' and installed_version is null)
  then
    return;
  end if;
  perform set_config('allow_system_table_mods', 'on', true);
  create schema pg_pgassay;
  create extension plpgsql_check with schema pg_pgassay;
  update pg_catalog.pg_extension set extname = 'pgassay_body_check' where extname = 'plpgsql_check';
  perform set_config('allow_system_table_mods', 'off', true);
  execute format(
    'grant usage on schema pg_pgassay to %I',
    coalesce(nullif(current_setting('pgassay.migration_role', true), ''), 'postgres')
  );
exception when others then
  -- A user who is no superuser, or a library that does not load: the bodies are read in another way.
  return;
end
$$;
