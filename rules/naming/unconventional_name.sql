with spaces as (
  select oid, nspname, case when nspname = 'public' then '' else quote_ident(nspname) || '.' end as prefix
  from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema'
),
relations as (
  select c.oid, c.relname, c.relkind, c.relispartition, s.nspname, s.prefix || quote_ident(c.relname) as shown
  from pg_class c join spaces s on s.oid = c.relnamespace
  where not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
),
named (classid, objid, objsubid, kind, name, shown, nspname, tablename, columns) as (
  select 'pg_namespace'::regclass, s.oid, 0, 'schema', s.nspname, quote_ident(s.nspname), s.nspname, null::name, null
  from spaces s where s.nspname <> 'public'
  union all
  select 'pg_class'::regclass, r.oid, 0, case when r.relkind in ('v', 'm') then 'view' else 'table' end, r.relname, r.shown,
    r.nspname, r.relname, null
  from relations r where r.relkind in ('r', 'p', 'f', 'v', 'm') and not r.relispartition
  union all
  select 'pg_class'::regclass, r.oid, a.attnum, 'column', a.attname, format('%s.%I', r.shown, a.attname), r.nspname, r.relname, null
  from relations r join pg_attribute a on a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
  where r.relkind in ('r', 'p', 'f') and not r.relispartition
    -- Without a pattern for columns only letters that no name should have count, and there are many columns.
    and (a.attname !~ '^[A-Za-z0-9_]*$' or 'column' = any (:naming_kinds::text[]))
  union all
  select 'pg_class'::regclass, r.oid, 0, 'index', r.relname, r.shown, r.nspname, t.relname,
    case when 'index' = any (:naming_kinds::text[]) then (
      select string_agg(coalesce(a.attname, 'expr'), '_' order by k.n)
      from unnest(i.indkey) with ordinality k (attnum, n) left join pg_attribute a on a.attrelid = t.oid and a.attnum = k.attnum
      where k.n <= i.indnkeyatts
    ) end
  from relations r join pg_index i on i.indexrelid = r.oid join relations t on t.oid = i.indrelid
  where not r.relispartition and not t.relispartition
    and not exists (select from pg_constraint o where o.conindid = r.oid and o.contype in ('p', 'u', 'x'))
  union all
  select 'pg_class'::regclass, r.oid, 0, 'sequence', r.relname, r.shown, r.nspname, null, null
  from relations r
  where r.relkind = 'S'
    and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = r.oid and d.deptype in ('a', 'i'))
  union all
  select 'pg_constraint'::regclass, o.oid, 0,
    case o.contype when 'p' then 'primary key' when 'f' then 'foreign key' when 'c' then 'check' else 'unique' end,
    o.conname, format('%I on %s', o.conname, r.shown), r.nspname, r.relname,
    (select string_agg(a.attname, '_' order by k.n)
     from unnest(o.conkey) with ordinality k (attnum, n) join pg_attribute a on a.attrelid = r.oid and a.attnum = k.attnum)
  from pg_constraint o join relations r on r.oid = o.conrelid
  where o.contype in ('p', 'f', 'c', 'u', 'x') and o.conparentid = 0 and not r.relispartition
    and :naming_kinds::text[] && array['primary key', 'foreign key', 'check', 'unique']
  union all
  select 'pg_proc'::regclass, p.oid, 0, 'function', p.proname, s.prefix || quote_ident(p.proname), s.nspname, null, null
  from pg_proc p join spaces s on s.oid = p.pronamespace
  -- The server's own are thousands; `offset` has the few others looked up one by one.
  where p.oid >= 16384 and not exists (
    select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype in ('e', 'i') offset 0
  )
  union all
  select 'pg_trigger'::regclass, g.oid, 0, 'trigger', g.tgname, format('%I on %s', g.tgname, r.shown), r.nspname, r.relname, null
  from pg_trigger g join relations r on r.oid = g.tgrelid where not g.tgisinternal and g.tgparentid = 0
  union all
  select 'pg_policy'::regclass, p.oid, 0, 'policy', p.polname, format('%I on %s', p.polname, r.shown), r.nspname, r.relname, null
  from pg_policy p join relations r on r.oid = p.polrelid
  union all
  select 'pg_type'::regclass, t.oid, 0, 'type', t.typname, s.prefix || quote_ident(t.typname), s.nspname, null, null
  from pg_type t join spaces s on s.oid = t.typnamespace
  where t.typtype in ('e', 'd', 'r')
    and not exists (select from pg_depend d where d.classid = 'pg_type'::regclass and d.objid = t.oid and d.deptype = 'e')
),
settings (kind, pattern) as (
  select * from unnest(:naming_kinds::text[], :naming_patterns::text[])
),
said as (
  select
    n.*, s.pattern,
    n.name !~ ('^(' || replace(replace(s.pattern,
      '{table}', coalesce(regexp_replace(n.tablename, '([^a-zA-Z0-9_])', '\\\1', 'g'), '.*')),
      '{columns}', coalesce(regexp_replace(n.columns, '([^a-zA-Z0-9_])', '\\\1', 'g'), '.*')) || ')$') as breaks
  from named n join settings s on s.kind = n.kind
),
shapes (kind, convention, expression) as (
  values
    ('index', 'idx_...', '^idx_'), ('index', 'ix_...', '^ix_'), ('index', '..._idx', '_idx[0-9]*$'), ('index', '..._index', '_index$'),
    ('trigger', 'trg_...', '^trg_'), ('trigger', 'trigger_...', '^trigger_'), ('trigger', '..._trigger', '_trigger$'),
    ('policy', 'snake_case', '^[a-z0-9_]+$'), ('policy', 'sentences', ' ')
),
usual as (
  select n.nspname, h.kind, h.convention, h.expression,
    count(*) - 1 as others, count(*) filter (where n.name ~ h.expression) as alike
  from named n join shapes h on h.kind = n.kind
  where n.kind in ('index', 'trigger', 'policy') and n.kind not in (select kind from settings)
  group by n.nspname, h.kind, h.convention, h.expression
),
learned as (
  select distinct on (n.classid, n.objid) n.classid, n.objid, n.kind, n.shown, u.alike, u.others, u.convention
  from usual u join named n on n.nspname = u.nspname and n.kind = u.kind and n.name !~ u.expression
  where n.kind in ('index', 'trigger', 'policy') and u.others >= 10 and u.alike * 10 >= u.others * 9 order by n.classid, n.objid, u.alike desc
)
select
  n.classid, n.objid, max(n.objsubid) as objsubid,
  case when count(*) > 1 then 'columns ' else n.kind || ' ' end || string_agg(n.shown, ', ' order by n.objsubid) as named,
  n.pattern, null::text as odd, null::bigint as alike, null::bigint as others, null::text as convention,
  null::text as quoted, null::text as better
from said n
where n.breaks
group by n.classid, n.objid, n.kind, n.pattern
union all
select l.classid, l.objid, 0, null, null, l.kind || ' ' || l.shown, l.alike, l.others, l.convention, null, null
from learned l
union all
select
  n.classid, n.objid, max(n.objsubid), null, null, null, null, null, null,
  case when count(*) > 1 then 'columns ' else n.kind || ' ' end || string_agg(n.shown, ', ' order by n.objsubid),
  btrim(regexp_replace(min(n.name), '[^a-z0-9]+', '_', 'g'), '_')
from named n
where n.kind in ('schema', 'table', 'column', 'view', 'function', 'type', 'sequence')
  and n.kind not in (select kind from settings)
  and n.name = lower(n.name) and n.name ~ '[][ ./:,;()''"+*&%#@!?<>=|~^{}\\-]'
group by n.classid, n.objid, n.kind
