with recursive reads (view, relation) as (
  select c.oid, c.oid
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('v', 'm')
    and n.nspname = any (:exposed_schemas)
    -- What runs as the reader cannot read auth.users, which is granted to nobody of the API.
    and not coalesce((
      select option_value::boolean from pg_options_to_table(c.reloptions) where option_name = 'security_invoker'
    ), false)
  union
  select b.view, d.refobjid
  from reads b
  join pg_class c on c.oid = b.relation and c.relkind in ('v', 'm')
  join pg_rewrite r on r.ev_class = c.oid
  join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid and d.refclassid = 'pg_class'::regclass
  -- One in between that compares with the caller shows no more than that. Views of the system are not written out.
  where case when c.oid >= 16384 then pg_get_viewdef(c.oid) !~* '\mauth\.(uid|jwt|email)\M' end
),
readers as (
  select
    b.view,
    array_agg(a.rolname::text order by a.rolname) as roles
  from (select distinct view from reads where relation = to_regclass('auth.users')) b
  join pg_class c on c.oid = b.view
  join pg_roles a on a.rolname in ('anon', 'authenticated')
  where (has_table_privilege(a.oid, b.view, 'select') or has_any_column_privilege(a.oid, b.view, 'select'))
    and has_schema_privilege(a.oid, c.relnamespace, 'usage')
  group by b.view
)
select
  'pg_class'::regclass as classid,
  c.oid as objid,
  0 as objsubid,
  case when n.nspname = 'public' then format('%I', c.relname) else format('%I.%I', n.nspname, c.relname) end as view,
  r.roles
from readers r
join pg_class c on c.oid = r.view
join pg_namespace n on n.oid = c.relnamespace
