-- The server was asked for each table whose policies lead back to it. One row for each circle, at its newest policy.
with refused as (
  select * from jsonb_to_recordset(:recursive_policies::jsonb)
    as r (circle oid, relation oid, command text, message text)
)
select distinct on (r.circle)
  'pg_policy'::regclass as classid,
  p.oid as objid,
  0 as objsubid,
  p.polname as policy,
  case when n.nspname = 'public' then format('%I', c.relname) else format('%I.%I', n.nspname, c.relname) end as table,
  array(
    select case when o.relnamespace = to_regnamespace('public') then format('%I', o.relname) else o.oid::regclass::text end
    from refused other join pg_class o on o.oid = other.relation
    where other.circle = r.circle group by o.oid, o.relname, o.relnamespace order by o.relname
  ) as tables,
  array(
    select command from refused other where other.circle = r.circle
    group by command order by array_position(array['select', 'insert', 'update', 'delete'], command)
  ) as commands,
  r.message
from refused r
join pg_policy p on p.polrelid = r.relation and concat(p.polqual::text, p.polwithcheck::text) like '%{SUBLINK %'
join pg_class c on c.oid = p.polrelid
join pg_namespace n on n.oid = c.relnamespace
order by r.circle, p.oid desc
