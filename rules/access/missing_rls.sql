select
  'pg_class'::regclass as classid,
  c.oid as objid,
  0 as objsubid,
  case when n.nspname = 'public' then format('%I', c.relname) else format('%I.%I', n.nspname, c.relname) end as table,
  'alter table ' || case when n.nspname = 'public' then format('%I', c.relname) else format('%I.%I', n.nspname, c.relname) end
    || ' enable row level security;' as append,
  may.roles,
  may.privileges,
  may.anon,
  may.authenticated,
  case when may.roles is null and may.anon is null then 'grant' end as first_grant
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
cross join lateral (
  -- Together where the roles that may do anything may do the same, otherwise each by itself.
  select
    case when count(distinct mine) = 1 then array_agg(rolname order by rolname) end as roles,
    case when count(distinct mine) = 1 then string_to_array(min(mine), ',') end as privileges,
    case when count(distinct mine) = 2 then string_to_array(min(mine) filter (where rolname = 'anon'), ',') end as anon,
    case when count(distinct mine) = 2 then string_to_array(min(mine) filter (where rolname = 'authenticated'), ',') end
      as authenticated
  from (
    select r.rolname, (
      select string_agg(p, ',' order by position)
      from unnest(array['select', 'insert', 'update', 'delete']) with ordinality as a (p, position)
      where has_table_privilege(r.oid, c.oid, p) or p <> 'delete' and has_any_column_privilege(r.oid, c.oid, p)
    ) as mine
    from pg_roles r
    where r.rolname in ('anon', 'authenticated') and has_schema_privilege(r.oid, n.oid, 'usage')
  ) as each_role
  where mine is not null
) as may
where c.relkind in ('r', 'p')
  and not c.relrowsecurity
  and n.nspname = any (:exposed_schemas)
  and not exists (select from pg_policy p where p.polrelid = c.oid)
  -- What everybody may read by the settings, nobody may write.
  and not (
    case when n.nspname = 'public' then c.relname else n.nspname || '.' || c.relname end ~* any (:public_tables)
    and coalesce(may.privileges, may.anon || may.authenticated, '{}') <@ array['select']
  )
  and not exists (
    select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e'
  )
