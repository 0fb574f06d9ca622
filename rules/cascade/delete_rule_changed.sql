with merged as (
  select
    split_part(entry, ' ', 1)::oid as child,
    split_part(entry, ' ', 2)::oid as parent,
    split_part(entry, ' ', 3)::int2[] as columns,
    split_part(entry, ' ', 4) as letter
  from unnest(:merged_foreign_keys::text[]) as given (entry)
)
select
  'pg_constraint'::regclass as classid,
  o.oid as objid,
  0 as objsubid,
  case when n.nspname = 'public' then format('%I', c.relname) else format('%I.%I', n.nspname, c.relname) end as table,
  case when p.nspname = 'public' then format('%I', r.relname) else format('%I.%I', p.nspname, r.relname) end as parent,
  rule.before as before,
  'on delete cascade' as mark
from merged m
join pg_constraint o on o.conrelid = m.child and o.confrelid = m.parent and o.conkey = m.columns
join pg_class c on c.oid = o.conrelid
join pg_namespace n on n.oid = c.relnamespace
join pg_class r on r.oid = o.confrelid
join pg_namespace p on p.oid = r.relnamespace
join (values ('a', 'no action'), ('r', 'restrict'), ('n', 'set null'), ('d', 'set default')) as rule (letter, before)
  on rule.letter = m.letter
where o.contype = 'f' and o.confdeltype = 'c' and o.conparentid = 0
