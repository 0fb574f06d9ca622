with recursive names as (
  select
    c.oid,
    case when n.nspname = 'public' then c.relname else n.nspname || '.' || c.relname end as plain,
    case when n.nspname = 'public' then format('%I', c.relname) else format('%I.%I', n.nspname, c.relname) end as name
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.oid in (select child from cascades union select parent from cascades)
),
cascades as (
  select oid, conrelid as child, confrelid as parent from pg_constraint
  where contype = 'f' and confdeltype = 'c' and conparentid = 0
),
-- Tables that a delete reaches below a foreign key, and those above it where one can begin, by their distance. Distances
-- and not ways: in a dense schema there are more ways than anybody can count.
below as (
  select oid as start, child as reached, 1 as distance from cascades
  union
  select b.start, c.child, b.distance + 1 from below b join cascades c on c.parent = b.reached where b.distance < 12
),
above as (
  select oid as start, parent as reached, 1 as distance from cascades
  union
  select a.start, c.parent, a.distance + 1 from above a join cascades c on c.child = a.reached where a.distance < 12
),
down as (
  select start, reached, min(distance) as distance from below group by start, reached
),
up as (
  select start, reached, min(distance) as distance from above group by start, reached
),
nearest as (
  select distinct on (d.start) d.start, d.reached, d.distance from down d join names t on t.oid = d.reached
  where t.plain ~* any (:protected_tables)
  order by d.start, d.distance, t.plain
),
top as (
  select distinct on (u.start) u.start, u.reached, u.distance from up u join names t on t.oid = u.reached
  where u.start in (select start from nearest)
  order by u.start, u.distance desc, t.plain
),
-- One way of each: from the protected table back to the foreign key, and from where a delete begins down to it.
way_down as (
  select start, reached as at, distance, array[reached] as way from nearest
  union all
  select w.start, before.reached, w.distance - 1, before.reached || w.way
  from way_down w
  cross join lateral (
    select d.reached from down d join cascades c on c.parent = d.reached and c.child = w.at
    where d.start = w.start and d.distance = w.distance - 1 order by d.reached limit 1
  ) before
),
way_from_top as (
  select start, reached as at, distance, array[reached] as way from top
  union all
  select w.start, after.reached, w.distance - 1, w.way || after.reached
  from way_from_top w
  cross join lateral (
    select u.reached from up u join cascades c on c.child = u.reached and c.parent = w.at
    where u.start = w.start and u.distance = w.distance - 1 order by u.reached limit 1
  ) after
)
select
  'pg_constraint'::regclass as classid,
  c.oid as objid,
  0 as objsubid,
  root.name as table,
  array(
    select t.name from (
      select unnest(a.way[2:]) as reached union select d.reached from down d where d.start = c.oid
    ) gone join names t on t.oid = gone.reached
    where gone.reached <> top.reached order by t.plain
  ) as deleted,
  array(
    select t.name from down d join names t on t.oid = d.reached
    where d.start = c.oid and t.plain ~* any (:protected_tables) order by t.plain
  ) as protected,
  referenced.name || ' (' || (
    select string_agg(format('%I', a.attname), ', ' order by k.position)
    from unnest(o.confkey) with ordinality as k (attnum, position)
    join pg_attribute a on a.attrelid = o.confrelid and a.attnum = k.attnum
  ) || ')' as referenced,
  (
    select string_agg(t.name, ' -> ' order by w.position)
    from unnest(a.way || b.way) with ordinality as w (oid, position) join names t on t.oid = w.oid
  ) as label,
  'on delete cascade' as mark,
  'on delete restrict' as replacement
from cascades c
join pg_constraint o on o.oid = c.oid
join top on top.start = c.oid
join way_from_top a on a.start = c.oid and a.distance = 1
join way_down b on b.start = c.oid and b.distance = 1
join names root on root.oid = top.reached
join names referenced on referenced.oid = c.parent
