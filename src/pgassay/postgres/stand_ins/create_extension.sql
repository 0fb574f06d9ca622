do $pgassay$
declare
  extension constant text := @name@;
  target constant text := coalesce(@schema@, current_schema());
  parking constant regnamespace := to_regnamespace(@parking@);
  last_before constant oid := (select max(oid) from pg_catalog.pg_proc);
  made regprocedure;
  part record;
begin
  if target is null then
    raise exception using errcode = '3F000', message = 'no schema has been selected to create in';
  elsif parking is not null then
    if exists (select from pg_catalog.pg_extension where extname = extension) then
      execute format('alter extension %I set schema %I', extension, target);
    else
      for part in
        select classid as class, objid as id from pg_catalog.pg_depend
        where refclassid = 'pg_catalog.pg_namespace'::regclass and refobjid = parking
      loop
        -- Identified here and not in the query: its name may hold types that have just moved.
        execute (
          select format('alter %s %s set schema %I', type, identity, target)
          from pg_catalog.pg_identify_object(part.class, part.id, 0)
        );
      end loop;
    end if;
    execute format('drop schema %s', parking);
  elsif exists (select from pg_catalog.pg_extension where extname = extension) or exists (
    select from pg_catalog.pg_description
    where classoid = 'pg_catalog.pg_proc'::regclass and description = @mark@
  ) then
    raise @repeated@;
  else
    execute replace(@script@, '@extschema@', quote_ident(target));
    if not exists (select from pg_catalog.pg_extension where extname = extension) then
      for made in
        select oid from pg_catalog.pg_proc where oid > last_before and pronamespace <> 'pg_catalog'::regnamespace
      loop
        execute format('comment on routine %s is %L', made, @mark@);
      end loop;
    end if;
  end if;
end
$pgassay$
