select
  'pg_class'::regclass as classid,
  c.oid as objid,
  0 as objsubid,
  case when n.nspname = 'public' then format('%I', c.relname) else format('%I.%I', n.nspname, c.relname) end as table,
  'alter table ' || case when n.nspname = 'public' then format('%I', c.relname) else format('%I.%I', n.nspname, c.relname) end
    || ' enable row level security;' as append,
  array(
    select r.rolname from pg_roles r
    where r.rolname in ('anon', 'authenticated')
      and has_schema_privilege(r.oid, n.oid, 'usage') and has_table_privilege(r.oid, c.oid, 'select, insert, update, delete')
    order by 1
  ) as roles,
  array(
    select p from unnest(array['select', 'insert', 'update', 'delete']) with ordinality as a (p, position)
    where exists (
      select from pg_roles r where r.rolname in ('anon', 'authenticated') and has_table_privilege(r.oid, c.oid, p)
    )
    order by position
  ) as privileges,
  case
    when not exists (
      select from pg_roles r where r.rolname in ('anon', 'authenticated')
        and has_table_privilege(r.oid, c.oid, 'select, insert, update, delete')
    ) then 'grant'
  end as first_grant
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p')
  and not c.relrowsecurity
  and n.nspname = any (:exposed_schemas)
  and not exists (select from pg_policy p where p.polrelid = c.oid)
  and not exists (
    select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e'
  )
