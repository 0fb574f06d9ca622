with wide as (
  select 0::oid as oid, 'PUBLIC' as name
  union all
  select r.oid, r.rolname from pg_roles r where r.rolname in ('anon', 'authenticated')
),
on_tables as (
  select
    c.oid, c.relkind, n.nspname, c.relname, c.relrowsecurity, w.name as grantee, lower(x.privilege_type) as privilege,
    n.nspname in ('auth', 'vault') as of_services
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  cross join lateral aclexplode(c.relacl) x
  join wide w on w.oid = x.grantee
  where c.relkind in ('r', 'p', 'v', 'm', 'f')
    and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
    and x.privilege_type in ('SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE')
    and not exists (
      select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e'
    )
),
wide_tables as (
  select t.*,
    case when t.nspname = 'public' then format('%I', t.relname) else format('%I.%I', t.nspname, t.relname) end as name
  from on_tables t
  where t.of_services
    or t.relkind = 'f' and t.nspname = any (:exposed_schemas)
    or t.grantee = 'PUBLIC' and t.relkind in ('r', 'p') and not t.relrowsecurity and t.privilege <> 'select'
)
select
  'pg_class'::regclass as classid,
  t.oid as objid,
  0 as objsubid,
  t.name as table,
  null as schema,
  array_agg(distinct t.grantee::text) as grantees,
  array_agg(distinct t.privilege) as privileges,
  case when t.of_services then t.name end as service_table,
  case when not t.of_services and t.relkind = 'f' then t.name end as foreign_table,
  case when not t.of_services and t.relkind <> 'f' then t.name end as open_table
from wide_tables t
group by t.oid, t.name, t.of_services, t.relkind
union all
select
  'pg_namespace'::regclass,
  n.oid,
  0,
  null,
  n.nspname::text,
  array_agg(distinct w.name::text),
  null,
  null,
  null,
  null
from pg_namespace n
cross join lateral aclexplode(n.nspacl) x
join wide w on w.oid = x.grantee
where x.privilege_type = 'CREATE'
  and n.nspname !~ '^pg_'
group by n.oid, n.nspname
