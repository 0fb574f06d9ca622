select
  'pg_default_acl'::regclass as classid,
  d.oid as objid,
  0 as objsubid,
  case d.defaclobjtype when 'r' then pg_get_userbyid(d.defaclrole)::text end as owner_of_tables,
  case d.defaclobjtype when 'f' then pg_get_userbyid(d.defaclrole)::text end as owner_of_functions,
  case d.defaclobjtype when 'n' then pg_get_userbyid(d.defaclrole)::text end as owner_of_schemas,
  coalesce(n.nspname::text, 'every schema') as where,
  array_agg(distinct coalesce(r.rolname, 'PUBLIC')::text) as grantees,
  array_agg(distinct lower(x.privilege_type)) as privileges
from pg_default_acl d
left join pg_namespace n on n.oid = d.defaclnamespace
cross join lateral aclexplode(d.defaclacl) x
left join pg_roles r on r.oid = x.grantee
where (x.grantee = 0 or r.rolname in ('anon', 'authenticated'))
  and (
    d.defaclobjtype = 'r' and x.privilege_type in ('SELECT', 'INSERT', 'UPDATE', 'DELETE')
    -- PUBLIC may execute every function anyway.
    or d.defaclobjtype = 'f' and x.grantee <> 0
    or d.defaclobjtype = 'n' and x.privilege_type = 'CREATE'
  )
group by d.oid, d.defaclobjtype, d.defaclrole, d.defaclnamespace, n.nspname
