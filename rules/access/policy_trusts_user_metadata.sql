with texts as (
  select p.oid, concat_ws(' ', pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)) as text
  from pg_policy p
)
select
  'pg_policy'::regclass as classid,
  p.oid as objid,
  0 as objsubid,
  p.polname as policy,
  case when n.nspname = 'public' then format('%I', c.relname) else format('%I.%I', n.nspname, c.relname) end as table,
  case
    when t.text ~ '''user_metadata''::text' then 'user_metadata'
    when col.there or via.body ~ 'raw_user_meta_data' then 'raw_user_meta_data'
    else 'user_metadata'
  end as metadata,
  case when t.text !~ '''user_metadata''::text' and not col.there then via.name end as function
from pg_policy p
join texts t on t.oid = p.oid
join pg_class c on c.oid = p.polrelid
join pg_namespace n on n.oid = c.relnamespace
cross join lateral (
  select exists (
    select from pg_depend d join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
    where d.classid = 'pg_policy'::regclass and d.objid = p.oid and d.refclassid = 'pg_class'::regclass
      and d.refobjid = to_regclass('auth.users') and a.attname = 'raw_user_meta_data'
  ) as there
) as col
left join lateral (
  -- What the functions that the policy calls read, without their comments.
  select f.proname as name, regexp_replace(f.prosrc, '--[^\n]*|/\*.*?\*/', '', 'g') as body
  from pg_depend d join pg_proc f on f.oid = d.refobjid
  where d.classid = 'pg_policy'::regclass and d.objid = p.oid and d.refclassid = 'pg_proc'::regclass
    and f.pronamespace not in (select oid from pg_namespace where nspname in ('auth', 'storage', 'realtime'))
    and regexp_replace(f.prosrc, '--[^\n]*|/\*.*?\*/', '', 'g') ~ '->>?\s*''user_metadata''|raw_user_meta_data\s*->'
  order by f.proname limit 1
) as via on true
where to_regclass('auth.users') is not null
  and (t.text ~ '-> ''user_metadata''::text' or t.text ~ '#>>? ''\{user_metadata,' or col.there or via.name is not null)
