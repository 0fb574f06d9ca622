with candidates as (
  select
    p.oid,
    -- Without comments.
    regexp_replace(coalesce(pg_get_function_sqlbody(p.oid), p.prosrc), '--[^\n]*|/\*.*?\*/', ' ', 'g') as body
  from pg_proc p
  join pg_namespace n on n.oid = p.pronamespace
  join pg_language l on l.oid = p.prolang
  join pg_roles a on a.rolname = 'anon'
  where p.prosecdef
    and l.lanname in ('sql', 'plpgsql')
    and n.nspname = any (:exposed_schemas)
    and p.prorettype not in ('trigger'::regtype, 'event_trigger'::regtype)
    and has_function_privilege(a.oid, p.oid, 'execute')
    and has_schema_privilege(a.oid, n.oid, 'usage')
    -- Whether a name is free is asked before anybody has logged in.
    and p.proname !~* '(available|availability|exists|taken)$'
    and not exists (
      select from unnest(p.proargnames) as name
      where name ~* '(token|secret|code|password|otp|hash|signature|api_?key|slug)'
    )
    and not exists (
      select from pg_depend d
      where d.classid = 'pg_policy'::regclass and d.refclassid = 'pg_proc'::regclass and d.refobjid = p.oid
    )
    and not exists (
      select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e'
    )
)
select
  'pg_proc'::regclass as classid,
  c.oid as objid,
  0 as objsubid,
  format('%s%I(%s)', case when n.nspname <> 'public' then format('%I.', n.nspname) end, p.proname,
    pg_get_function_identity_arguments(p.oid)) as function,
  p.proowner::regrole::text as owner,
  array(
    select distinct lower(w[1]) || ' ' || w[2]
    from regexp_matches(
      c.body, '\m(insert\s+into|update|delete\s+from|truncate(?:\s+table)?)\s+(?:only\s+)?([\w."]+)', 'gi'
    ) as w
    where lower(w[2]) not in ('set', 'of', 'skip', 'nowait')
    order by 1
  ) as writes,
  case when granted.to_public then 'PUBLIC' end as everybody,
  case when granted.to_anon then 'anon' end as own_grant,
  format('revoke execute on function %s%I(%s) from %s;',
    case when n.nspname <> 'public' then format('%I.', n.nspname) end, p.proname,
    pg_get_function_identity_arguments(p.oid),
    concat_ws(', ', case when granted.to_public then 'public' end, case when granted.to_anon then 'anon' end)
  ) as revoke
from candidates c
join pg_proc p on p.oid = c.oid
join pg_namespace n on n.oid = p.pronamespace
cross join lateral (
  select
    coalesce(bool_or(x.grantee = 0), false) as to_public,
    coalesce(bool_or(x.grantee = (select a.oid from pg_roles a where a.rolname = 'anon')), false) as to_anon
  from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) x
  where x.privilege_type = 'EXECUTE'
) granted
where
  -- What reads no table passes by no policy.
  c.body ~* '\m(from|update|into|delete|execute|perform|truncate|net\.|http_|vault\.)'
  -- Nor does it ask who calls in a function that it calls, directly or through others.
  and not exists (
    with recursive reached (oid, body) as (
      select c.oid, c.body
      union
      select f.oid, coalesce(pg_get_function_sqlbody(f.oid), f.prosrc)
      from reached r
      cross join regexp_matches(r.body, '(\w+)"?\s*\(', 'g') as w
      join pg_proc f on f.proname = lower(w[1])
      join pg_namespace m on m.oid = f.pronamespace
      where m.nspname <> 'pg_catalog' and f.prolang in (select l.oid from pg_language l where l.lanname in ('sql', 'plpgsql'))
    )
    select from reached r
    where r.body ~* '\m(auth\.(uid|jwt|role|email)\M|current_setting|current_user\M|session_user\M|request\.jwt)'
  )
