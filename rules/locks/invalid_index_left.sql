select
  'pg_class'::regclass as classid,
  c.oid as objid,
  0 as objsubid,
  case when n.nspname = 'public' then format('%I', c.relname) else format('%I.%I', n.nspname, c.relname) end as index,
  case when m.nspname = 'public' then format('%I', t.relname) else format('%I.%I', m.nspname, t.relname) end as table,
  case when c.relkind = 'I' then format('%I', c.relname) end as partitioned,
  case when c.relkind = 'i' then format('%I', c.relname) end as plain
from pg_index i
join pg_class c on c.oid = i.indexrelid
join pg_namespace n on n.oid = c.relnamespace
join pg_class t on t.oid = i.indrelid
join pg_namespace m on m.oid = t.relnamespace
where not i.indisvalid
