select
  'pg_policy'::regclass as classid,
  p.oid as objid,
  0 as objsubid,
  p.polname as policy,
  case when n.nspname = 'public' then format('%I', c.relname) else format('%I.%I', n.nspname, c.relname) end as table,
  bare.calls,
  bare.calls[1] as call
from pg_policy p
join pg_class c on c.oid = p.polrelid
join pg_namespace n on n.oid = c.relnamespace
cross join lateral (
  -- `(select auth.uid())` and `(select auth.jwt() ->> 'role')` are deparsed as they are meant.
  select array_agg(distinct found[1]) as calls
  from regexp_matches(
    regexp_replace(
      concat_ws(' ', pg_get_expr(p.polqual, c.oid), pg_get_expr(p.polwithcheck, c.oid)),
      '\( SELECT \(*(NULLIF\(|COALESCE\()?(auth\.(uid|jwt|role|email)\(\)|current_setting\()', '', 'g'
    ),
    '(auth\.(?:uid|jwt|role|email)\(\)|current_setting\([^)]*\))', 'g'
  ) as found
) as bare
where bare.calls is not null
