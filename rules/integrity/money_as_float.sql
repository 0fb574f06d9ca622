select
  'pg_class'::regclass as classid,
  c.oid as objid,
  a.attnum as objsubid,
  format('%I', a.attname) as column,
  case when n.nspname = 'public' then format('%I', c.relname) else format('%I.%I', n.nspname, c.relname) end as table,
  format_type(a.atttypid, null) as type
from pg_attribute a
join pg_class c on c.oid = a.attrelid
join pg_namespace n on n.oid = c.relnamespace
-- Words of the two names: unitPrice and unit_price are the same two.
cross join lateral (
  select
    '_' || lower(regexp_replace(a.attname, '([a-z])([A-Z])', '\1_\2', 'g')) || '_' as column,
    '_' || lower(regexp_replace(c.relname, '([a-z])([A-Z])', '\1_\2', 'g')) || '_' as table
) words
where a.atttypid in ('float4'::regtype, 'float8'::regtype)
  and a.attnum > 0
  and not a.attisdropped
  and c.relkind in ('r', 'p')
  and c.relpersistence <> 't'
  and not c.relispartition
  and (
    words.column ~ '_(price|prices|salary|wage|wages|subtotal|refund|refunds|payout|invoiced|revenue|deposit|fee|fees)_'
    or words.column ~ '_(amount|total|balance|cost|tax|discount|paid|due)_'
    and words.table ~ '_(payment|invoice|order|purchase|transaction|refund|payout|billing|subscription|expense|donation|wallet|ledger)s?_'
  )
  and words.column !~ '_(rate|rates|ratio|percent|percentage|pct|factor|weight|score|index|multiplier|change|growth|probability|confidence|elasticity|count|hours|minutes|days|quantity|qty|kg|ml|km|tokens)_'
  and not exists (
    select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e'
  )
