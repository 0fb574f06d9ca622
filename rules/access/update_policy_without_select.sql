with subject as (
  -- Whom a policy holds for. For PUBLIC: those who may use the table, without its owner.
  select p.oid, p.polrelid, r.oid as role, r.rolname
  from pg_policy p
  join pg_class c on c.oid = p.polrelid
  join pg_roles r on not r.rolbypassrls and not r.rolsuper and r.oid <> c.relowner
  where p.polpermissive
    and p.polcmd in ('w', 'd')
    and case
      when 0 = any (p.polroles) then
        r.rolname !~ '^(pg_|supabase_)' and r.rolname not in ('authenticator', 'dashboard_user', 'pgbouncer')
        and has_table_privilege(r.oid, c.oid, case p.polcmd when 'w' then 'update' else 'delete' end)
      else r.oid = any (p.polroles)
    end
)
select
  'pg_policy'::regclass as classid,
  p.oid as objid,
  0 as objsubid,
  p.polname as policy,
  case when n.nspname = 'public' then format('%I', c.relname) else format('%I.%I', n.nspname, c.relname) end as table,
  case p.polcmd when 'w' then 'update' else 'delete' end as command,
  array(select s.rolname from subject s where s.oid = p.oid order by 1) as roles
from pg_policy p
join pg_class c on c.oid = p.polrelid
join pg_namespace n on n.oid = c.relnamespace
where c.relrowsecurity
  and pg_get_expr(p.polqual, c.oid) is distinct from 'false'
  and exists (select from subject s where s.oid = p.oid)
  and not exists (
    select from subject s
    join pg_policy q on q.polrelid = s.polrelid and q.polpermissive and q.polcmd in ('r', '*')
    where s.oid = p.oid
      and exists (select from unnest(q.polroles) as m (oid) where m.oid = 0 or pg_has_role(s.role, m.oid, 'usage'))
  )
