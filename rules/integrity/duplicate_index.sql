with indexes as not materialized (
  select
    i.indexrelid, i.indrelid, i.indisunique, i.indnkeyatts, i.indkey, i.indnullsnotdistinct, x.relam,
    (i.indclass::text, i.indcollation::text, i.indoption::text,
     coalesce(pg_get_expr(i.indexprs, i.indrelid), ''), coalesce(pg_get_expr(i.indpred, i.indrelid), ''))::text as shape,
    exists (select from pg_constraint o where o.conindid = i.indexrelid and o.contype in ('p', 'u', 'x')) as for_constraint,
    i.indisreplident or i.indisexclusion as special
  from pg_index i
  join pg_class x on x.oid = i.indexrelid
  where i.indisvalid and x.relkind in ('i', 'I') and not x.relispartition
)
select distinct on (one.indexrelid)
  'pg_class'::regclass as classid,
  one.indexrelid as objid,
  0 as objsubid,
  case when n.nspname = 'public' then format('%I', x.relname) else format('%I.%I', n.nspname, x.relname) end as index,
  case when n.nspname = 'public' then format('%I', y.relname) else format('%I.%I', n.nspname, y.relname) end as other,
  case when n.nspname = 'public' then format('%I', c.relname) else format('%I.%I', n.nspname, c.relname) end as table,
  substring(pg_get_indexdef(one.indexrelid) from ' USING (.*)$') as definition
from indexes one
join indexes two
  on two.indrelid = one.indrelid and two.indexrelid <> one.indexrelid
  and two.relam = one.relam and two.indkey = one.indkey and two.shape = one.shape and two.indnkeyatts = one.indnkeyatts
join pg_class x on x.oid = one.indexrelid
join pg_class y on y.oid = two.indexrelid
join pg_class c on c.oid = one.indrelid
join pg_namespace n on n.oid = c.relnamespace
where not one.special
  and not one.for_constraint
  and n.nspname !~ '^pg_'
  -- The one that can go: it adds nothing to the other, and of two equal ones it is the younger.
  and (two.indisunique or not one.indisunique)
  and (two.indnullsnotdistinct or not one.indnullsnotdistinct or not one.indisunique)
  and (
    two.for_constraint
    or two.indisunique and not one.indisunique
    or two.indnullsnotdistinct <> one.indnullsnotdistinct
    or two.indexrelid < one.indexrelid
  )
order by one.indexrelid, two.for_constraint desc, two.indexrelid
