with recursive api_roles as (
  select oid, rolname from pg_roles where rolname in ('anon', 'authenticated')
),
views as (
  select c.oid, c.relowner, n.oid as schema,
    case when n.nspname = 'public' then format('%I', c.relname) else format('%I.%I', n.nspname, c.relname) end as name
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  where c.relkind = 'v'
    and n.nspname = any (:exposed_schemas)
    and not (
      case when n.nspname = 'public' then c.relname else n.nspname || '.' || c.relname end ~* any (:public_tables)
      and (
        pg_relation_is_updatable(c.oid, true) = 0
        or not exists (
          select from api_roles a, unnest(array['insert', 'update', 'delete']) as p
          where has_table_privilege(a.oid, c.oid, p)
        )
      )
    )
    and not coalesce((
      select option_value::boolean from pg_options_to_table(c.reloptions) where option_name = 'security_invoker'
    ), false)
    and not exists (
      select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e'
    )
),
reads (view, owner, relation) as (
  select v.oid, v.relowner, d.refobjid
  from views v
  join pg_rewrite r on r.ev_class = v.oid
  join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid and d.refclassid = 'pg_class'::regclass
  where d.refobjid <> v.oid
  union
  -- A view below asks in the name of its own owner, or of whoever reads: that is the owner of the one above.
  select b.view, case when i.invoker then b.owner else c.relowner end, d.refobjid
  from reads b
  join pg_class c on c.oid = b.relation and c.relkind = 'v'
  cross join lateral (
    select coalesce(bool_or(option_value::boolean), false) as invoker
    from pg_options_to_table(c.reloptions) where option_name = 'security_invoker'
  ) i
  join pg_rewrite r on r.ev_class = c.oid
  join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid and d.refclassid = 'pg_class'::regclass
  where d.refobjid <> c.oid
),
opened as (
  select distinct b.view, a.rolname, t.oid as relation
  from reads b
  join views v on v.oid = b.view
  join pg_class t on t.oid = b.relation and t.relkind in ('r', 'p') and t.relrowsecurity
  join pg_roles o on o.oid = b.owner
  join api_roles a on has_table_privilege(a.oid, b.view, 'select') or has_any_column_privilege(a.oid, b.view, 'select')
  where has_schema_privilege(a.oid, v.schema, 'usage')
    and (o.rolsuper or o.rolbypassrls or t.relowner = b.owner and not t.relforcerowsecurity)
    -- A table of accounts is exposed_auth_users' affair.
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
  array(
    select distinct case when n.nspname = 'public' then format('%I', t.relname) else format('%I.%I', n.nspname, t.relname) end
    from opened o join pg_class t on t.oid = o.relation join pg_namespace n on n.oid = t.relnamespace
    where o.view = v.oid order by 1
  ) as tables,
  v.relowner::regrole::text as owner,
  format('alter view %s set (security_invoker = true);', v.name) as append
from views v
where exists (select from opened o where o.view = v.oid)
  and pg_get_viewdef(v.oid) !~* '\m(auth\.(uid|jwt|role|email)|current_setting|current_user|session_user)\M'
