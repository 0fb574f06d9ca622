-- What a schema snapshot leaves out and a way back may forget: kind, schema, table that the object is a part of, name,
-- definition.
with namespaces as (
  select oid, nspname, nspacl, nspowner from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema'
),
members as (
  select classid, objid from pg_depend where deptype = 'e'
  union all
  select classoid, objoid from pg_description where objsubid = 0 and description like 'stand-in of pgassay for %'
),
relations as (
  select c.*, n.nspname from pg_class c join namespaces n on n.oid = c.relnamespace
  where ('pg_class'::regclass, c.oid) not in (select * from members)
),
rights as (
  select 'rights on table' as kind, nspname, relname::text as name, relowner as owner,
         coalesce(relacl, acldefault('r', relowner)) as acl
  from relations where relkind in ('r', 'p', 'v', 'm', 'f')
  union all
  select 'rights on column', r.nspname, r.relname || '.' || a.attname, r.relowner, a.attacl
  from relations r join pg_attribute a on a.attrelid = r.oid
  where a.attnum > 0 and not a.attisdropped and a.attacl is not null and r.relkind in ('r', 'p', 'v', 'm', 'f')
  union all
  select 'rights on function', n.nspname, p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')', p.proowner,
         coalesce(p.proacl, acldefault('f', p.proowner))
  from pg_proc p join namespaces n on n.oid = p.pronamespace
  where ('pg_proc'::regclass, p.oid) not in (select * from members)
  union all
  select 'rights on schema', nspname, nspname::text, nspowner, coalesce(nspacl, acldefault('n', nspowner)) from namespaces
  union all
  select 'default privileges', coalesce(d.defaclnamespace::regnamespace::text, ''),
         d.defaclobjtype::text || ' of ' || d.defaclrole::regrole, d.defaclrole, d.defaclacl
  from pg_default_acl d
)
select kind, nspname, null, name,
       'owner ' || owner::regrole || coalesce(', ' || (
         select string_agg(x.grantee::regrole || ' ' || x.privilege_type || case when x.is_grantable then '*' else '' end, ', '
                           order by x.grantee::regrole::text, x.privilege_type)
         from aclexplode(acl) x), '')
from rights
union all
select 'sequence', nspname, null, relname, s.seqtypid::regtype || ' ' || concat_ws(' ', s.seqincrement, s.seqmin, s.seqmax, s.seqcycle)
from relations join pg_sequence s on s.seqrelid = relations.oid
where not exists (
  select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = relations.oid and d.deptype in ('a', 'i')
)
union all
select 'type', t.nspname, null, t.relname,
       (select string_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod), ', ' order by a.attnum)
        from pg_attribute a where a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped)
from relations t where t.relkind = 'c'
union all
select 'rule', r.nspname, r.relname, w.rulename, pg_get_ruledef(w.oid)
from pg_rewrite w join relations r on r.oid = w.ev_class where w.rulename <> '_RETURN'
union all
select 'options of table', nspname, null, relname, concat_ws(' ', array_to_string(reloptions, ', '), relreplident)
from relations where relkind in ('r', 'p', 'v')
union all
select 'domain constraint', n.nspname, null, t.typname || '.' || o.conname, pg_get_constraintdef(o.oid)
from pg_constraint o join pg_type t on t.oid = o.contypid join namespaces n on n.oid = t.typnamespace
