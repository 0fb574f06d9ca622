-- pg_graphql: the functions are there, a query refuses.
create schema if not exists graphql;
create function graphql.resolve(
  query text, variables jsonb default '{}', "operationName" text default null, extensions jsonb default null
) returns jsonb
  language plpgsql
as $$
begin
  raise exception using errcode = '0A000', message = 'pg_graphql stand-in of pgassay cannot resolve a query';
end
$$;

create sequence graphql.seq_schema_version as integer cycle;
create function graphql.get_schema_version() returns integer language sql stable
  as 'select last_value::integer from graphql.seq_schema_version';
create function graphql.increment_schema_version() returns void language sql
  as 'select from nextval(''graphql.seq_schema_version'')';
create function graphql.comment_directive(comment_ text) returns jsonb language sql immutable
  return coalesce(substring(comment_ from '@graphql\((.+?)\)')::jsonb, '{}');
grant usage on schema graphql to public;
