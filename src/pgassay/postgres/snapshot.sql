-- The schema: kind, schema, table that the object is a part of, name, definition.
with namespaces as (
  select oid, nspname from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema'
),
extension_members as (
  select classid, objid from pg_depend where deptype = 'e'
  -- A stand-in is not an extension to the server; its objects carry a comment.
  union all
  select classoid, objoid from pg_description where objsubid = 0 and description like 'stand-in of pgassay for %'
),
relations as (
  select c.*, n.nspname from pg_class c join namespaces n on n.oid = c.relnamespace
  where ('pg_class'::regclass, c.oid) not in (select * from extension_members)
),
tables as (
  select * from relations where relkind in ('r', 'p', 'f')
)
-- As text: a function with its arguments is longer than a name may be.
select 'schema', nspname, null, nspname::text, '' from namespaces
where ('pg_namespace'::regclass, oid) not in (select * from extension_members)
union all
select case relkind when 'f' then 'foreign table' else 'table' end, nspname, null, relname,
       'row level security ' || case when relrowsecurity then 'on' else 'off' end
       || case when relforcerowsecurity then ', for the owner too' else '' end
from tables
union all
select case relkind when 'v' then 'view' else 'materialized view' end, nspname, null, relname,
       concat_ws(' with ', pg_get_viewdef(oid), array_to_string(reloptions, ', '))
from relations where relkind in ('v', 'm')
union all
select 'column', t.nspname, t.relname, a.attname,
       format_type(a.atttypid, a.atttypmod) || case when a.attnotnull then ' not null' else '' end
       || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '')
from pg_attribute a join tables t on t.oid = a.attrelid
left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
where a.attnum > 0 and not a.attisdropped
union all
select 'constraint', t.nspname, t.relname, o.conname, pg_get_constraintdef(o.oid)
from pg_constraint o join tables t on t.oid = o.conrelid where o.contype in ('c', 'f', 'p', 'u', 'x')
union all
select 'index', t.nspname, t.relname, c.relname, pg_get_indexdef(c.oid)
from pg_index i join pg_class c on c.oid = i.indexrelid join relations t on t.oid = i.indrelid
where not exists (select from pg_constraint o where o.conindid = c.oid)
union all
select 'policy', t.nspname, t.relname, p.polname,
       concat_ws(
         ' ',
         case p.polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update' when 'd' then 'delete' else 'all' end,
         case when not p.polpermissive then 'restrictive' end,
         'to ' || array_to_string(
           array(select case r when 0 then 'public' else r::regrole::text end from unnest(p.polroles) r order by 1), ', '
         ),
         'using (' || pg_get_expr(p.polqual, p.polrelid) || ')',
         'with check (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')'
       )
from pg_policy p join tables t on t.oid = p.polrelid
union all
select 'trigger', t.nspname, t.relname, g.tgname, pg_get_triggerdef(g.oid) || ' ' || g.tgenabled::text
from pg_trigger g join relations t on t.oid = g.tgrelid where not g.tgisinternal
union all
select case p.prokind when 'p' then 'procedure' else 'function' end, n.nspname, null,
       p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')',
       concat_ws(' ', pg_get_function_result(p.oid), p.prosecdef, p.provolatile, p.proconfig, p.prosrc, p.prosqlbody::text)
from pg_proc p join namespaces n on n.oid = p.pronamespace
where ('pg_proc'::regclass, p.oid) not in (select * from extension_members)
union all
select case t.typtype when 'e' then 'enum' else 'domain' end, n.nspname, null, t.typname,
       coalesce(
         (select string_agg(quote_literal(e.enumlabel), ', ' order by e.enumsortorder) from pg_enum e
          where e.enumtypid = t.oid),
         format_type(t.typbasetype, t.typtypmod)
       )
from pg_type t join namespaces n on n.oid = t.typnamespace
where t.typtype in ('e', 'd') and ('pg_type'::regclass, t.oid) not in (select * from extension_members)
union all
select 'published table', t.nspname, null, t.relname || ' in ' || p.pubname,
       concat_ws(
         ' where ',
         array_to_string(
           array(select a.attname from pg_attribute a where a.attrelid = r.prrelid and a.attnum = any (r.prattrs) order by 1), ', '
         ),
         pg_get_expr(r.prqual, r.prrelid)
       )
from pg_publication_rel r join pg_publication p on p.oid = r.prpubid join relations t on t.oid = r.prrelid
