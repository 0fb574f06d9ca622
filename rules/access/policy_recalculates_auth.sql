select
  'pg_policy'::regclass as classid,
  p.oid as objid,
  0 as objsubid,
  p.polname as policy,
  case when n.nspname = 'public' then format('%I', c.relname) else format('%I.%I', n.nspname, c.relname) end as table,
  bare.calls,
  bare.calls[1] as call,
  bare.functions as wrap
from pg_policy p
join pg_class c on c.oid = p.polrelid
join pg_namespace n on n.oid = c.relnamespace
cross join lateral (
  -- `(select auth.uid())` and `(select auth.jwt() ->> 'role')` are deparsed as they are meant, and taken out here.
  select regexp_replace(
      concat_ws(' ', pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)),
      '\( SELECT \(*(NULLIF\(|COALESCE\()?(auth\.(uid|jwt|role|email)\(\)|current_setting\()', '', 'g'
    ) as text
  offset 0
) as t
cross join lateral (
  select array_agg(distinct found[1]) as calls, array_agg(distinct split_part(found[1], '(', 1)) as functions
  from regexp_matches(t.text, '(auth\.(?:uid|jwt|role|email)\(\)|current_setting\([^)]*\))', 'g') as found
) as bare
where t.text ~ 'auth\.(uid|jwt|role|email)\(\)|current_setting\('
  and bare.calls is not null
