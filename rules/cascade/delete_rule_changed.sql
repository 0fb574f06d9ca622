with names as (
  select
    c.oid,
    case when n.nspname = 'public' then format('%I', c.relname) else format('%I.%I', n.nspname, c.relname) end as name
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
)
select
  'pg_constraint'::regclass as classid,
  o.oid as objid,
  0 as objsubid,
  child.name as table,
  parent.name as parent,
  before.rule as before,
  'on delete cascade' as mark
from pg_constraint o
join names child on child.oid = o.conrelid
join names parent on parent.oid = o.confrelid
join unnest(:merged_foreign_keys::text[]) as merged (key)
  on split_part(merged.key, ' ', 1) = o.conrelid::text
  and split_part(merged.key, ' ', 2) = o.confrelid::text
  and split_part(merged.key, ' ', 3) = o.conkey::text
join (values ('a', 'no action'), ('r', 'restrict'), ('n', 'set null'), ('d', 'set default')) as before (letter, rule)
  on before.letter = split_part(merged.key, ' ', 4)
where o.contype = 'f' and o.confdeltype = 'c' and o.conparentid = 0
