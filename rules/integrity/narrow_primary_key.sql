select
  'pg_class'::regclass as classid,
  c.oid as objid,
  a.attnum as objsubid,
  case when n.nspname = 'public' then format('%I', c.relname) else format('%I.%I', n.nspname, c.relname) end as table,
  format('%I', a.attname) as column,
  format_type(a.atttypid, null) as type,
  case when a.atttypid = 'int4'::regtype then '2,147,483,647' else '32,767' end as rows
from pg_index i
join pg_class c on c.oid = i.indrelid
join pg_namespace n on n.oid = c.relnamespace
join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0]
left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
where i.indisprimary
  and i.indnkeyatts = 1
  and a.atttypid in ('int2'::regtype, 'int4'::regtype)
  and (a.attidentity <> '' or pg_get_expr(d.adbin, d.adrelid) like 'nextval(%')
  -- Tables that grow with use.
  and lower(c.relname) ~ '(^|_)(logs?|events?|history|histories|audits?|messages?|notifications?|metrics?|activit(y|ies)|transactions?|sessions?|payments?|orders?|invoices?|visits?|clicks?|impressions?|views|readings?|measurements?|entries|records?|jobs?|requests?|analytics|telemetry|evaluations?|snapshots?|changes|tokens?)$'
  and c.relpersistence <> 't'
  and not c.relispartition
  and not exists (
    select from pg_depend e where e.classid = 'pg_class'::regclass and e.objid = c.oid and e.deptype = 'e'
  )
