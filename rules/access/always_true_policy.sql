select
  'pg_policy'::regclass as classid,
  p.oid as objid,
  0 as objsubid,
  p.polname as policy,
  case when n.nspname = 'public' then format('%I', c.relname) else format('%I.%I', n.nspname, c.relname) end as table,
  opened.commands,
  case when p.polname ~* 'service|backend|server|system' then format('%I', p.polname) end as meant_for_service,
  case when p.polname !~* 'service|backend|server|system' then format('using ((select auth.uid()) = %I)', coalesce((
    select a.attname from pg_constraint o join pg_attribute a on a.attrelid = o.conrelid and a.attnum = o.conkey[1]
    where o.conrelid = c.oid and o.contype = 'f' and o.confrelid = to_regclass('auth.users') and cardinality(o.conkey) = 1
    order by a.attnum limit 1
  ), 'user_id')) end as condition
from pg_policy p
join pg_class c on c.oid = p.polrelid
join pg_namespace n on n.oid = c.relnamespace
cross join lateral (
  select array_agg(k.name order by k.position) as commands
  from pg_roles r
  cross join (values ('a'::"char", 'insert', 1), ('w', 'update', 2), ('d', 'delete', 3)) as k (cmd, name, position)
  where r.rolname = 'anon'
    and p.polcmd in ('*', k.cmd)
    -- Without `with check` a policy checks new rows with `using`.
    and (k.cmd <> 'a' or coalesce(pg_get_expr(p.polwithcheck, c.oid), 'true') in ('true', '(1 = 1)'))
    and exists (select from unnest(p.polroles) as m (oid) where m.oid = 0 or pg_has_role(r.oid, m.oid, 'usage'))
    and has_schema_privilege(r.oid, n.oid, 'usage')
    and (has_table_privilege(r.oid, c.oid, k.name) or k.cmd = 'w' and has_any_column_privilege(r.oid, c.oid, 'update'))
    and not exists (
      select from pg_policy s cross join unnest(s.polroles) as m (oid)
      where s.polrelid = c.oid and not s.polpermissive and s.polcmd in ('*', k.cmd)
        and (m.oid = 0 or pg_has_role(r.oid, m.oid, 'usage'))
    )
) as opened
where p.polpermissive
  and c.relrowsecurity
  and (n.nspname = any (:exposed_schemas) or n.nspname = 'storage')
  and pg_get_expr(p.polqual, c.oid) in ('true', '(1 = 1)')
  and opened.commands && array['update', 'delete']
