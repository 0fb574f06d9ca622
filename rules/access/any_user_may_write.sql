select
  'pg_policy'::regclass as classid,
  p.oid as objid,
  0 as objsubid,
  p.polname as policy,
  case when n.nspname = 'public' then format('%I', c.relname) else format('%I.%I', n.nspname, c.relname) end as table,
  opened.commands,
  pg_get_expr(p.polqual, c.oid) as condition
from pg_policy p
join pg_class c on c.oid = p.polrelid
join pg_namespace n on n.oid = c.relnamespace
cross join lateral (
  select array_agg(k.name order by k.position) as commands
  from pg_roles r
  cross join (values ('w'::"char", 'update', 1), ('d', 'delete', 2)) as k (cmd, name, position)
  where r.rolname = 'authenticated'
    and p.polcmd in ('*', k.cmd)
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
  and opened.commands is not null
  and (
    pg_get_expr(p.polqual, c.oid) ~ '^\((auth\.role\(\)|\( SELECT auth\.role\(\) AS \w+\)) = ''authenticated''::text\)$'
    or pg_get_expr(p.polqual, c.oid) ~ '^\((auth\.uid\(\)|\( SELECT auth\.uid\(\) AS \w+\)) IS NOT NULL\)$'
    or pg_get_expr(p.polqual, c.oid) in ('true', '(1 = 1)') and not exists (
      -- What anon may do as well is worse, and told by always_true_policy.
      select from pg_roles r cross join unnest(p.polroles) as m (oid) cross join unnest(opened.commands) as command
      where r.rolname = 'anon' and (m.oid = 0 or pg_has_role(r.oid, m.oid, 'usage'))
        and has_table_privilege(r.oid, c.oid, command)
    )
  )
