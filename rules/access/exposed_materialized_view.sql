with recursive api_roles as (
  select oid, rolname from pg_roles where rolname in ('anon', 'authenticated')
),
views as (
  select c.oid, n.oid as schema,
    case when n.nspname = 'public' then format('%I', c.relname) else format('%I.%I', n.nspname, c.relname) end as name
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  where c.relkind = 'm'
    and n.nspname = any (:exposed_schemas)
    and not case when n.nspname = 'public' then c.relname else n.nspname || '.' || c.relname end ~* any (:public_tables)
    and not exists (
      select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e'
    )
),
reads (view, relation) as (
  select v.oid, v.oid from views v
  union
  select b.view, d.refobjid
  from reads b
  join pg_rewrite r on r.ev_class = b.relation
  join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid and d.refclassid = 'pg_class'::regclass
),
opened as (
  select distinct b.view, a.rolname, t.oid as relation
  from reads b
  join views v on v.oid = b.view
  join pg_class t on t.oid = b.relation and t.relkind in ('r', 'p') and t.relrowsecurity
  join api_roles a on has_table_privilege(a.oid, b.view, 'select') or has_any_column_privilege(a.oid, b.view, 'select')
  where has_schema_privilege(a.oid, v.schema, 'usage')
    and t.oid is distinct from to_regclass('auth.users')
    and not exists (
      select from pg_policy p
      where p.polrelid = t.oid and p.polpermissive and p.polcmd in ('r', '*')
        and (p.polroles = '{0}' or a.oid = any (p.polroles))
        and pg_get_expr(p.polqual, p.polrelid) = 'true'
    )
)
select
  'pg_class'::regclass as classid,
  v.oid as objid,
  0 as objsubid,
  v.name as view,
  array(select distinct o.rolname::text from opened o where o.view = v.oid order by 1) as roles,
  (select string_agg(distinct o.rolname, ', ' order by o.rolname) from opened o where o.view = v.oid) as grantees,
  array(
    select distinct case when n.nspname = 'public' then format('%I', t.relname) else format('%I.%I', n.nspname, t.relname) end
    from opened o join pg_class t on t.oid = o.relation join pg_namespace n on n.oid = t.relnamespace
    where o.view = v.oid order by 1
  ) as tables
from views v
where exists (select from opened o where o.view = v.oid)
