with recursive texts as materialized (
  select p.oid, concat_ws(' ', pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)) as text
  from pg_policy p
  where p.oid in (
    select d.objid from pg_depend d
    where d.classid = 'pg_policy'::regclass and d.refclassid = 'pg_class'::regclass
      -- `is true` keeps this a hash table, whatever the planner thinks of the size of it.
      and ((d.refobjid, d.refobjsubid) in (select relation, attribute from internal)) is true
  )
),
single (relation, attribute, refers_to, referenced) as (
  select conrelid, conkey[1], confrelid, confkey[1] from pg_constraint where contype = 'f' and cardinality(conkey) = 1
),
-- Columns that hold what auth.uid() returns.
logins (relation, attribute) as (
  select relation, attribute from single where refers_to = to_regclass('auth.users')
  union
  select s.relation, s.attribute from single s join logins l on l.relation = s.refers_to and l.attribute = s.referenced
),
-- Keys that the database makes up by itself, in tables that keep the login in another column.
internal (relation, attribute, owner, login) as (
  select i.indrelid, k.attnum, i.indrelid, l.attname
  from pg_index i
  join pg_attribute k on k.attrelid = i.indrelid and k.attnum = i.indkey[0]
  join pg_attrdef d on d.adrelid = i.indrelid and d.adnum = k.attnum
  join lateral (
    select a.attname from pg_attribute a
    cross join lateral (
      select
        exists (select from logins o where o.relation = a.attrelid and o.attribute = a.attnum) as leads,
        exists (select from pg_index u where u.indrelid = a.attrelid and u.indisunique and u.indnkeyatts = 1
          and u.indkey[0] = a.attnum) as is_unique
    ) as kind
    where a.attrelid = i.indrelid and a.attnum > 0 and a.attnum <> k.attnum and not a.attisdropped
      -- A row that always names a login elsewhere is not one itself. `invited_by` may be empty, and says nothing.
      and (kind.is_unique or a.attnotnull or kind.leads and a.attname in ('user_id', 'uid'))
      and (
        kind.leads
        or a.atttypid in ('uuid'::regtype, 'text'::regtype) and a.attname ~ '^(auth|supabase)_(user_?)?(id|uid|uuid)$'
      )
    order by kind.leads desc, kind.is_unique desc, a.attnum
    limit 1
  ) as l on true
  where i.indisprimary and i.indnkeyatts = 1
    and pg_get_expr(d.adbin, d.adrelid) ~ '(gen_random_uuid|uuid_generate_v\d\w*|uuidv[47])\(\)'
    and ((i.indrelid, k.attnum) in (select relation, attribute from logins)) is not true
  union
  select s.relation, s.attribute, n.owner, n.login
  from single s join internal n on n.relation = s.refers_to and n.attribute = s.referenced
  where not exists (select from logins l where l.relation = s.relation and l.attribute = s.attribute)
)
select
  'pg_policy'::regclass as classid,
  p.oid as objid,
  0 as objsubid,
  p.polname as policy,
  case when n.nspname = 'public' then format('%I', c.relname) else format('%I.%I', n.nspname, c.relname) end as table,
  found.column,
  found.owner,
  found.login,
  found.key
from texts t
join pg_policy p on p.oid = t.oid
join pg_class c on c.oid = p.polrelid
join pg_namespace n on n.oid = c.relnamespace
cross join lateral (
  select
    case when x.relation = c.oid then a.attname::text else (select relname from pg_class where oid = x.relation) || '.' || a.attname end as column,
    case when o.relnamespace = to_regnamespace('public') then format('%I', o.relname) else o.oid::regclass::text end as owner,
    format('%I', x.login) as login,
    format('%I', k.attname) as key
  from internal x
  join pg_depend d on d.classid = 'pg_policy'::regclass and d.objid = p.oid
    and d.refclassid = 'pg_class'::regclass and d.refobjid = x.relation and d.refobjsubid = x.attribute
  join pg_attribute a on a.attrelid = x.relation and a.attnum = x.attribute
  join pg_class o on o.oid = x.owner
  join pg_index i on i.indrelid = o.oid and i.indisprimary
  join pg_attribute k on k.attrelid = o.oid and k.attnum = i.indkey[0]
  cross join lateral (
    select regexp_replace(format('%I', a.attname), '([^\w])', '\\\1', 'g') as name,
      '\(*(auth\.uid\(\)|\( SELECT auth\.uid\(\) AS \w+\))(\)?::\w+)?' as uid
  ) as re
  where t.text ~ format(
      '[( ](\w+\.)?%s(\)?::\w+)? = %s|%s = \(*(\w+\.)?%s(?!\w)', re.name, re.uid, re.uid, re.name
    )
    -- The text does not tell apart two columns of one name.
    and not exists (
      select from pg_depend e join pg_attribute b on b.attrelid = e.refobjid and b.attnum = e.refobjsubid
      where e.classid = 'pg_policy'::regclass and e.objid = p.oid and e.refclassid = 'pg_class'::regclass
        and b.attname = a.attname and not exists (
          select from internal y where y.relation = b.attrelid and y.attribute = b.attnum
        )
    )
  order by x.relation = c.oid desc, a.attnum
  limit 1
) as found
