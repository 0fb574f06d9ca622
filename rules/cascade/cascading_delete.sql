with recursive names as (
  select c.oid, case when n.nspname = 'public' then format('%I', c.relname) else format('%I.%I', n.nspname, c.relname) end as name
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
),
cascades as (
  select oid, conrelid as child, confrelid as parent from pg_constraint
  where contype = 'f' and confdeltype = 'c' and conparentid = 0
),
-- Everything that a delete takes along below a foreign key, with the way to it.
down as (
  select oid as start, child as reached, array[child] as way from cascades
  union all
  select d.start, c.child, d.way || c.child from down d join cascades c on c.parent = d.reached
  where not c.child = any (d.way)
),
-- Where such a delete can begin above it.
up as (
  select oid as start, parent as reached, array[parent] as way from cascades
  union all
  select u.start, c.parent, c.parent || u.way from up u join cascades c on c.child = u.reached
  where not c.parent = any (u.way)
),
top as (
  select distinct on (start) start, reached, way from up order by start, cardinality(way) desc, reached
),
protected as (
  select distinct on (d.start) d.start, d.way from down d join names t on t.oid = d.reached
  where t.name ~ any (:protected_tables)
  order by d.start, cardinality(d.way), t.name
)
select
  'pg_constraint'::regclass as classid,
  c.oid as objid,
  0 as objsubid,
  root.name as table,
  array(
    select t.name from (
      select unnest(top.way[2:]) as reached
      union select reached from down where down.start = c.oid
    ) d join names t on t.oid = d.reached
    where d.reached <> top.reached order by t.name
  ) as deleted,
  array(
    select t.name from (select distinct reached from down where down.start = c.oid) d join names t on t.oid = d.reached
    where t.name ~ any (:protected_tables) order by t.name
  ) as protected,
  referenced.name || ' (' || (
    select string_agg(format('%I', a.attname), ', ' order by k.position)
    from unnest(o.confkey) with ordinality as k (attnum, position)
    join pg_attribute a on a.attrelid = o.confrelid and a.attnum = k.attnum
  ) || ')' as referenced,
  (
    select string_agg(t.name, ' -> ' order by w.position)
    from unnest(top.way || protected.way) with ordinality as w (oid, position) join names t on t.oid = w.oid
  ) as label,
  'on delete cascade' as mark
from cascades c
join pg_constraint o on o.oid = c.oid
join protected on protected.start = c.oid
join top on top.start = c.oid
join names root on root.oid = top.reached
join names referenced on referenced.oid = c.parent
