do $pgassay$
declare
  extension constant text := @name@;
  target constant text := coalesce(@schema@, current_schema());
  parking constant regnamespace := to_regnamespace(@parking@);
  -- What has a higher number in its catalog is new; the last row of each is the highest.
  before constant jsonb := jsonb_build_object(
    'pg_proc', (select max(oid) from pg_catalog.pg_proc),
    'pg_class', (select max(oid) from pg_catalog.pg_class),
    'pg_type', (select max(oid) from pg_catalog.pg_type),
    'pg_namespace', (select max(oid) from pg_catalog.pg_namespace)
  );
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
      for part in
        select format('routine %s', oid::regprocedure) as name from pg_catalog.pg_proc
        where oid > (before ->> 'pg_proc')::oid and pronamespace <> 'pg_catalog'::regnamespace
        union all
        select format('%s %s', case relkind when 'v' then 'view' else 'table' end, oid::regclass) from pg_catalog.pg_class
        where oid > (before ->> 'pg_class')::oid and relkind in ('r', 'v')
        union all
        select format('type %s', oid::regtype) from pg_catalog.pg_type
        where oid > (before ->> 'pg_type')::oid and typtype in ('e', 'd')
        union all
        select format('schema %s', oid::regnamespace) from pg_catalog.pg_namespace
        where oid > (before ->> 'pg_namespace')::oid
      loop
        execute format('comment on %s is %L', part.name, @mark@);
      end loop;
    end if;
  end if;
end
$pgassay$
