select
  'pg_class'::regclass as classid,
  c.oid as objid,
  0 as objsubid,
  case when n.nspname = 'public' then format('%I', c.relname) else format('%I.%I', n.nspname, c.relname) end as table
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p')
  and not c.relispartition
  and n.nspname !~ '^pg_' and n.nspname not in ('information_schema', 'auth', 'storage', 'realtime', 'vault')
  and case when n.nspname = 'public' then c.relname else n.nspname || '.' || c.relname end ~* any (:realtime_tables)
  and not exists (
    select from pg_publication_tables t
    where t.pubname = 'supabase_realtime' and t.schemaname = n.nspname and t.tablename = c.relname
  )
