with policies as (
  select
    c.oid, n.nspname, c.relname, p.polname, a.oid as role, a.rolname, p.polcmd
  from pg_policy p
  join pg_class c on c.oid = p.polrelid
  join pg_namespace n on n.oid = c.relnamespace
  join pg_roles a on a.rolname in ('anon', 'authenticated') and (a.oid = any (p.polroles) or p.polroles = '{0}')
  where n.nspname = any (:exposed_schemas)
    and c.relkind in ('r', 'p')
    and p.polpermissive
    and has_schema_privilege(a.oid, n.oid, 'usage')
),
unreached as (
  select
    p.oid,
    case when p.nspname = 'public' then format('%I', p.relname) else format('%I.%I', p.nspname, p.relname) end as table,
    array_agg(distinct p.rolname::text) as roles,
    array_agg(distinct p.polname::text) as policies,
    (
      select string_agg(w.word, ', ' order by w.place)
      from (values (1, 'r', 'select'), (2, 'a', 'insert'), (3, 'w', 'update'), (4, 'd', 'delete')) as w (place, letter, word)
      where bool_or(p.polcmd = '*') or array_agg(p.polcmd::text) @> array[w.letter]
    ) as privileges,
    string_agg(distinct p.rolname, ', ') as grantees
  from policies p
  group by p.oid, p.nspname, p.relname
  having not bool_or(
    has_table_privilege(p.role, p.oid, 'select, insert, update, delete')
    or has_any_column_privilege(p.role, p.oid, 'select, insert, update')
  )
)
select
  'pg_class'::regclass as classid,
  u.oid as objid,
  0 as objsubid,
  u.table,
  u.roles,
  u.policies,
  u.privileges,
  u.grantees,
  format('grant %s on %s to %s;', u.privileges, u.table, u.grantees) as append
from unreached u
