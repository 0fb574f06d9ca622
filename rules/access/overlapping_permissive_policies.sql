-- For each role and command the permissive policies that hold; one that is always true makes the others free.
select
  'pg_policy'::regclass as classid,
  p.oid as objid,
  0 as objsubid,
  p.polname as policy,
  case when n.nspname = 'public' then format('%I', c.relname) else format('%I.%I', n.nspname, c.relname) end as table,
  overlapping.others,
  array(
    select k.name from unnest('{select,insert,update,delete}'::text[]) with ordinality as k (name, position)
    where k.name = any (overlapping.commands) order by k.position
  ) as commands,
  overlapping.roles
from pg_policy p
join pg_class c on c.oid = p.polrelid
join pg_namespace n on n.oid = c.relnamespace
cross join lateral (
  select array_agg(distinct o.polname) as others, array_agg(distinct k.name) as commands, array_agg(distinct r.rolname) as roles
  from pg_policy o
  join (values ('r'::"char", 'select'), ('a', 'insert'), ('w', 'update'), ('d', 'delete')) as k (cmd, name)
    on p.polcmd in ('*', k.cmd) and o.polcmd in ('*', k.cmd)
  join pg_roles r on case
    when :environment = 'supabase' then r.rolname in ('anon', 'authenticated')
    else r.oid = any (p.polroles) and not r.rolbypassrls
  end
  where o.polrelid = p.polrelid and o.oid < p.oid and o.polpermissive
    and exists (select from unnest(p.polroles) as m (oid) where m.oid = 0 or pg_has_role(r.oid, m.oid, 'usage'))
    and exists (select from unnest(o.polroles) as m (oid) where m.oid = 0 or pg_has_role(r.oid, m.oid, 'usage'))
    and (:environment = 'supabase' or r.oid = any (o.polroles))
    and has_table_privilege(r.oid, p.polrelid, k.name)
    and not exists (
      select from pg_policy t
      where t.polrelid = p.polrelid and t.polpermissive and t.polcmd in ('*', k.cmd)
        and exists (select from unnest(t.polroles) as m (oid) where m.oid = 0 or pg_has_role(r.oid, m.oid, 'usage'))
        and (:environment = 'supabase' or r.oid = any (t.polroles))
        and coalesce(case when k.cmd = 'a' then pg_get_expr(t.polwithcheck, t.polrelid) end, pg_get_expr(t.polqual, t.polrelid))
          in ('true', '(1 = 1)', 'false')
    )
) as overlapping
where p.polpermissive
  and c.relrowsecurity
  -- There a policy for each bucket or topic is how it is done.
  and n.nspname not in ('auth', 'storage', 'realtime')
  and overlapping.others is not null
