-- http: types and helpers are real, a request refuses, because nothing is ever sent from a throwaway server.
create domain @extschema@.http_method as text;
create domain @extschema@.content_type as text check (value ~ '^\S+/\S+');
create type @extschema@.http_header as (field varchar, value varchar);
create type @extschema@.http_response as (
  status integer, content_type varchar, headers @extschema@.http_header[], content varchar
);
create type @extschema@.http_request as (
  method @extschema@.http_method, uri varchar, headers @extschema@.http_header[], content_type varchar, content varchar
);

create function @extschema@.http(request @extschema@.http_request) returns @extschema@.http_response
  language plpgsql
as $$
begin
  raise exception using errcode = '0A000', message = 'http stand-in of pgassay cannot send a request';
end
$$;

create function @extschema@.http_header(field varchar, value varchar) returns @extschema@.http_header
  language sql
  return row(field, value)::@extschema@.http_header;

create function @extschema@.urlencode(string varchar) returns text
  language sql immutable strict
as $$
  select coalesce(string_agg(
    case when symbol ~ '[A-Za-z0-9_.-]' then symbol
      else upper(regexp_replace(encode(convert_to(symbol, 'UTF8'), 'hex'), '(..)', '%\1', 'g')) end, '' order by place
  ), '')
  from regexp_split_to_table(string, '') with ordinality as split (symbol, place)
$$;
create function @extschema@.urlencode(string bytea) returns text language sql immutable strict
  return @extschema@.urlencode(convert_from(string, 'UTF8')::varchar);
create function @extschema@.urlencode(data jsonb) returns text
  language sql immutable strict
as $$
  select string_agg(@extschema@.urlencode(pair.key::varchar) || '=' || @extschema@.urlencode(pair.value::varchar), '&')
  from jsonb_each_text(data) as pair
$$;

create function @extschema@.text_to_bytea(data text) returns bytea language sql immutable strict
  return convert_to(data, 'UTF8');
create function @extschema@.bytea_to_text(data bytea) returns text language sql immutable strict
  return convert_from(data, 'UTF8');

create function @extschema@.http_set_curlopt(curlopt varchar, value varchar) returns boolean language sql return true;
create function @extschema@.http_reset_curlopt() returns boolean language sql return true;
create function @extschema@.http_list_curlopt() returns table (curlopt text, value text) language sql
  as 'select null::text, null::text where false';

do $requests$
declare
  request record;
begin
  for request in
    select * from (values
      ('http_get(uri varchar)', '''GET'', uri, null, null, null'),
      ('http_get(uri varchar, data jsonb)', '''GET'', uri, null, null, null'),
      ('http_head(uri varchar)', '''HEAD'', uri, null, null, null'),
      ('http_delete(uri varchar)', '''DELETE'', uri, null, null, null'),
      ('http_delete(uri varchar, content varchar, content_type varchar)',
        '''DELETE'', uri, null, content_type, content'),
      ('http_post(uri varchar, content varchar, content_type varchar)',
        '''POST'', uri, null, content_type, content'),
      ('http_post(uri varchar, data jsonb)', '''POST'', uri, null, null, null'),
      ('http_put(uri varchar, content varchar, content_type varchar)',
        '''PUT'', uri, null, content_type, content'),
      ('http_patch(uri varchar, content varchar, content_type varchar)',
        '''PATCH'', uri, null, content_type, content')
    ) as listed (signature, arguments)
  loop
    execute format(
      'create function @extschema@.%s returns @extschema@.http_response language sql as %L',
      request.signature, format('select @extschema@.http((%s)::@extschema@.http_request)', request.arguments)
    );
  end loop;
end
$requests$;
