-- Functions that policies call and whose whole query is `select x from t where y = auth.uid()`. More than that is not
-- understood and left alone.
with lookups as (
  select distinct f.oid, f.proname, m.part[1] as schema, m.part[2] as relation, m.part[3] as attribute
  from pg_proc f
  join pg_language l on l.oid = f.prolang and l.lanname in ('sql', 'plpgsql')
  cross join lateral (
    select case
      when f.prosqlbody is null then f.prosrc
      else regexp_replace(pg_get_function_sqlbody(f.oid), '^\s*(RETURN\s*\(|BEGIN ATOMIC)', '')
    end as source
  ) as written
  cross join lateral (
    select regexp_replace(regexp_replace(source, '--[^\n]*|/\*.*?\*/', ' ', 'g'), '["\s]+', ' ', 'g') as text
  ) as body
  cross join lateral regexp_match(
    body.text,
    case l.lanname
      when 'sql' then '^ ?'
      else '^(?:declare .*?)? ?begin (?:return \( ?|return )?'
    end
    || 'select (?:\w+\.)?\w+(?: into (?:strict )?\w+)? from (?:(\w+)\.)?(\w+)(?: (?:as )?(?!where )\w+)?'
    || ' where \(?(?:\w+\.)?(\w+)(?: ?:: ?\w+)? = (?:auth\.uid\(\)|\( ?select auth\.uid\(\)(?: as \w+)? ?\))(?: ?:: ?\w+)?'
    || '\)?(?: limit 1)? ?\)? ?'
    || case l.lanname when 'sql' then ';?(?: end)? ?$' else ';' end,
    'i'
  ) as m (part)
  where f.oid in (
      select refobjid from pg_depend where classid = 'pg_policy'::regclass and refclassid = 'pg_proc'::regclass
    )
    and not f.proretset
    and f.prorettype <> 'boolean'::regtype
)
select
  'pg_proc'::regclass as classid,
  k.oid as objid,
  0 as objsubid,
  k.proname as function,
  case when n.nspname = 'public' then format('%I', c.relname) else format('%I.%I', n.nspname, c.relname) end as table,
  format('%I', a.attname) as column
from lookups k
join pg_class c on c.relname = k.relation and c.relkind in ('r', 'p')
join pg_namespace n on n.oid = c.relnamespace and n.nspname = coalesce(k.schema, 'public')
join pg_attribute a on a.attrelid = c.oid and a.attname = k.attribute and not a.attisdropped
where not exists (
    select from pg_index i
    where i.indrelid = c.oid and i.indisunique and i.indisvalid and i.indnkeyatts = 1 and i.indkey[0] = a.attnum
  )
