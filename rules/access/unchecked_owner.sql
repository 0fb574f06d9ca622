-- Columns that hold users: foreign keys to auth.users, or to a key that is one itself, such as that of profiles.
with recursive users (relation, attribute) as (
  select o.conrelid, o.conkey[1] from pg_constraint o
  where o.contype = 'f' and cardinality(o.conkey) = 1 and o.confrelid = to_regclass('auth.users')
  union
  select o.conrelid, o.conkey[1] from pg_constraint o
  join users u on u.relation = o.confrelid and u.attribute = o.confkey[1]
  where o.contype = 'f' and cardinality(o.conkey) = 1
)
select
  'pg_policy'::regclass as classid,
  p.oid as objid,
  0 as objsubid,
  p.polname as policy,
  case when n.nspname = 'public' then format('%I', c.relname) else format('%I.%I', n.nspname, c.relname) end as table,
  opened.commands,
  opened.roles,
  owners.columns,
  owners.columns[1] as owner
from pg_policy p
join pg_class c on c.oid = p.polrelid
join pg_namespace n on n.oid = c.relnamespace
cross join lateral (
  select array_agg(distinct k.name) as commands, array_agg(distinct r.rolname) as roles, array_agg(r.oid) as role_oids
  from pg_roles r
  cross join (values ('a'::"char", 'insert'), ('w', 'update')) as k (cmd, name)
  where r.rolname in ('anon', 'authenticated')
    and p.polcmd in ('*', k.cmd)
    and exists (select from unnest(p.polroles) as m (oid) where m.oid = 0 or pg_has_role(r.oid, m.oid, 'usage'))
    and has_schema_privilege(r.oid, n.oid, 'usage')
    and has_any_column_privilege(r.oid, c.oid, k.name)
    and not exists (
      select from pg_policy s cross join unnest(s.polroles) as m (oid)
      where s.polrelid = c.oid and not s.polpermissive and s.polcmd in ('*', k.cmd)
        and (m.oid = 0 or pg_has_role(r.oid, m.oid, 'usage'))
    )
) as opened
cross join lateral (
  select array_agg(a.attname::text order by a.attnum) as columns
  from users u join pg_attribute a on a.attrelid = u.relation and a.attnum = u.attribute
  where u.relation = c.oid and exists (
    select from unnest(opened.role_oids) as r (oid) cross join unnest(opened.commands) as command
    where has_column_privilege(r.oid, c.oid, a.attnum, command)
  )
) as owners
where p.polpermissive
  and c.relrowsecurity
  and (n.nspname = any (:exposed_schemas) or n.nspname = 'storage')
  and pg_get_expr(p.polwithcheck, c.oid) in ('true', '(1 = 1)')
  -- A policy whose using is as open is told by always_true_policy and any_user_may_write.
  and (p.polqual is null or pg_get_expr(p.polqual, c.oid) !~ '^(true|\(1 = 1\)|\([^()]*auth\.(role|uid)\(\)[^()]*\))$')
  and owners.columns is not null
  and opened.commands is not null
