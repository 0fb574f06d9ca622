-- For each role and command the permissive policies that hold; one that is always true makes the others free.
with held as (
  select p.oid, p.polrelid, p.polname, r.oid as role, r.rolname, k.cmd, k.name as command, k.position,
    coalesce(case when k.cmd = 'a' then pg_get_expr(p.polwithcheck, p.polrelid) end, pg_get_expr(p.polqual, p.polrelid))
      as condition
  from pg_policy p
  cross join (values ('r'::"char", 'select', 1), ('a', 'insert', 2), ('w', 'update', 3), ('d', 'delete', 4))
    as k (cmd, name, position)
  join pg_roles r on case
    when :environment = 'supabase' then r.rolname in ('anon', 'authenticated')
    else r.oid = any (p.polroles) and not r.rolbypassrls
  end
  where p.polpermissive
    and p.polcmd in ('*', k.cmd)
    and exists (select from unnest(p.polroles) as m (oid) where m.oid = 0 or pg_has_role(r.oid, m.oid, 'usage'))
    and has_table_privilege(r.oid, p.polrelid, k.name)
),
overlapping as (
  select h.oid, o.polname as other, h.rolname, h.command, h.position
  from held h
  join held o on o.polrelid = h.polrelid and o.role = h.role and o.cmd = h.cmd and o.oid < h.oid
  where not exists (
    select from held t where t.polrelid = h.polrelid and t.role = h.role and t.cmd = h.cmd
      and t.condition in ('true', '(1 = 1)', 'false')
  )
)
select
  'pg_policy'::regclass as classid,
  p.oid as objid,
  0 as objsubid,
  p.polname as policy,
  case when n.nspname = 'public' then format('%I', c.relname) else format('%I.%I', n.nspname, c.relname) end as table,
  array(select distinct o.other from overlapping o where o.oid = p.oid order by 1) as others,
  array(select o.command from overlapping o where o.oid = p.oid group by o.command, o.position order by o.position) as commands,
  array(select distinct o.rolname from overlapping o where o.oid = p.oid order by 1) as roles
from pg_policy p
join pg_class c on c.oid = p.polrelid
join pg_namespace n on n.oid = c.relnamespace
where c.relrowsecurity
  -- There a policy for each bucket or topic is how it is done.
  and n.nspname not in ('auth', 'storage', 'realtime')
  and p.oid in (select oid from overlapping)
