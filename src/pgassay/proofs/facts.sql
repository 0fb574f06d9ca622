-- What decides who may do what, and which rows a table takes: one JSON document.
with namespaces as (
  select oid, nspname, nspacl from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema'
),
members as (select classid, objid from pg_depend where deptype = 'e'),
relations as (
  select c.*, n.nspname from pg_class c join namespaces n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p', 'v', 'm') and ('pg_class'::regclass, c.oid) not in (select * from members)
),
functions as (
  select p.*, n.nspname from pg_proc p join namespaces n on n.oid = p.pronamespace
  where ('pg_proc'::regclass, p.oid) not in (select * from members)
    and n.nspname not in ('auth', 'storage', 'realtime', 'vault', 'extensions', 'graphql', 'net', 'cron', 'pgmq')
),
columns as (
  select a.attrelid, json_agg(json_build_object(
    'name', a.attname, 'type', format_type(a.atttypid, a.atttypmod),
    'base', format_type(case when t.typtype = 'd' then t.typbasetype else a.atttypid end, null),
    'category', t.typcategory, 'required', a.attnotnull or coalesce(t.typnotnull, false),
    'default', coalesce(pg_get_expr(d.adbin, d.adrelid), t.typdefault),
    'generated', a.attgenerated <> '' or a.attidentity = 'a', 'identity', a.attidentity <> '',
    'length', case when a.atttypmod > 4 and a.atttypid in ('varchar'::regtype, 'bpchar'::regtype) then a.atttypmod - 4 end,
    'labels', coalesce((select json_agg(e.enumlabel order by e.enumsortorder) from pg_enum e
               where e.enumtypid = case when t.typtype = 'd' then t.typbasetype else a.atttypid end), '[]'),
    'checks', coalesce((select json_agg(pg_get_expr(k.conbin, 0)) from pg_constraint k where k.contypid = t.oid and k.contype = 'c'), '[]'),
    'acl', a.attacl::text
  ) order by a.attnum) as found
  from pg_attribute a join relations r on r.oid = a.attrelid join pg_type t on t.oid = a.atttypid
  left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
  where a.attnum > 0 and not a.attisdropped group by 1
),
constraints as (
  select o.conrelid, json_agg(json_build_object(
    'name', o.conname, 'kind', o.contype, 'definition', pg_get_constraintdef(o.oid), 'references', nullif(o.confrelid, 0)::int8,
    'columns', coalesce((select json_agg(a.attname order by k.n) from unnest(o.conkey) with ordinality k (attnum, n)
                join pg_attribute a on a.attrelid = o.conrelid and a.attnum = k.attnum), '[]'),
    'keys', coalesce((select json_agg(a.attname order by k.n) from unnest(o.confkey) with ordinality k (attnum, n)
             join pg_attribute a on a.attrelid = o.confrelid and a.attnum = k.attnum), '[]'),
    'expression', case when o.contype = 'c' then pg_get_expr(o.conbin, o.conrelid) end
  ) order by o.conname) as found
  from pg_constraint o join relations r on r.oid = o.conrelid where o.contype in ('c', 'f', 'p', 'u', 'x') group by 1
),
uniques as (
  select i.indrelid, json_agg(
    (select json_agg(a.attname order by k.n) from unnest(i.indkey::int2[]) with ordinality k (attnum, n)
     join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum)
  order by i.indexrelid) as found
  from pg_index i join relations r on r.oid = i.indrelid where i.indisunique and i.indexprs is null group by 1
),
policies as (
  select p.polrelid, json_agg(json_build_object(
    'oid', p.oid::int8, 'name', p.polname, 'command', p.polcmd, 'permissive', p.polpermissive,
    'roles', (select json_agg(case r when 0 then 'public' else pg_get_userbyid(r) end order by r) from unnest(p.polroles) r),
    'members', coalesce((select json_agg(a.rolname order by a.rolname) from pg_roles a
      where a.rolname in ('anon', 'authenticated', 'service_role')
        and exists (select from unnest(p.polroles) r where r <> 0 and r <> a.oid and pg_has_role(a.oid, r, 'usage'))), '[]'),
    'using', pg_get_expr(p.polqual, p.polrelid), 'check', pg_get_expr(p.polwithcheck, p.polrelid)
  ) order by p.polname) as found
  from pg_policy p join relations r on r.oid = p.polrelid group by 1
),
triggers as (
  select g.tgrelid, json_agg(pg_get_triggerdef(g.oid) || g.tgenabled::text order by g.tgname) as found
  from pg_trigger g join relations r on r.oid = g.tgrelid where not g.tgisinternal group by 1
),
uses as (
  select 'policy' as kind, objid, refclassid, refobjid from pg_depend where classid = 'pg_policy'::regclass
  union
  select 'relation', w.ev_class, d.refclassid, d.refobjid
  from pg_depend d join pg_rewrite w on w.oid = d.objid where d.classid = 'pg_rewrite'::regclass
  union
  select 'function', objid, refclassid, refobjid from pg_depend where classid = 'pg_proc'::regclass
)
select json_build_object(
  'relations', (
    select coalesce(json_agg(json_build_object(
      'oid', r.oid::int8, 'schema', r.nspname, 'name', r.relname, 'kind', r.relkind, 'rls', r.relrowsecurity,
      'forced', r.relforcerowsecurity, 'owner', pg_get_userbyid(r.relowner), 'is_partition', r.relispartition,
      'acl', (select string_agg(x::text, ',' order by x::text) from unnest(r.relacl) x), 'options', r.reloptions::text,
      'view', case when r.relkind in ('v', 'm') then pg_get_viewdef(r.oid) end,
      'columns', coalesce(c.found, '[]'), 'constraints', coalesce(o.found, '[]'), 'uniques', coalesce(u.found, '[]'),
      'policies', coalesce(p.found, '[]'), 'triggers', coalesce(t.found, '[]'), 'is_populated', r.relispopulated
    ) order by r.nspname, r.relname), '[]')
    from relations r left join columns c on c.attrelid = r.oid left join constraints o on o.conrelid = r.oid
    left join uniques u on u.indrelid = r.oid left join policies p on p.polrelid = r.oid
    left join triggers t on t.tgrelid = r.oid
  ),
  'functions', (
    select coalesce(json_agg(json_build_object(
      'oid', f.oid::int8, 'schema', f.nspname, 'name', f.proname, 'arguments', pg_get_function_identity_arguments(f.oid),
      'definer', f.prosecdef, 'callable', f.prokind = 'f' and f.prorettype not in ('trigger'::regtype, 'event_trigger'::regtype),
      'owner', pg_get_userbyid(f.proowner),
      'returns_rows', f.proretset or f.prorettype in ('json'::regtype, 'jsonb'::regtype, 'record'::regtype), 'row_of', (select t.typrelid::int8 from pg_type t where t.oid = f.prorettype and t.typrelid <> 0),
      'inputs', coalesce((
        select json_agg(json_build_object('name', f.proargnames[i.n], 'type', format_type(i.type, null),
                                          'optional', i.n > f.pronargs - f.pronargdefaults) order by i.n)
        from unnest(f.proargtypes::oid[]) with ordinality i (type, n)), '[]'),
      'body', coalesce(f.prosrc, '') || coalesce(pg_get_function_sqlbody(f.oid), ''),
      'rest', concat_ws(' ', f.prosecdef, f.provolatile, f.proconfig, pg_get_userbyid(f.proowner),
                        (select string_agg(x::text, ',' order by x::text) from unnest(f.proacl) x))
    ) order by f.nspname, f.proname), '[]')
    from functions f
  ),
  'uses', (
    select coalesce(json_agg(json_build_array(
      u.kind, u.objid::int8, case when u.refclassid = 'pg_proc'::regclass then 'function' else 'relation' end, u.refobjid::int8)), '[]')
    from uses u
    where (u.refclassid = 'pg_class'::regclass and u.refobjid in (select oid from relations) and u.refobjid <> u.objid)
       or (u.refclassid = 'pg_proc'::regclass and u.refobjid in (select oid from functions))
  ),
  'schemas', (select json_object_agg(nspname, nspacl::text) from namespaces),
  'roles', (
    select coalesce(json_object_agg(r.rolname, concat_ws(' ', r.rolbypassrls, r.rolinherit,
      array(select pg_get_userbyid(m.roleid) from pg_auth_members m where m.member = r.oid order by 1))), '{}')
    from pg_roles r where r.rolname in ('anon', 'authenticated', 'service_role')
  )
)
