-- pg_net: requests are queued as the real one queues them and never sent, so no response ever arrives.
create schema net;
grant usage on schema net to public;

create domain net.http_method as text check (value in ('GET', 'POST', 'DELETE'));
create type net.request_status as enum ('PENDING', 'SUCCESS', 'ERROR');
create type net.http_response as (status_code integer, headers jsonb, body text);
create type net.http_response_result as (status net.request_status, message text, response net.http_response);

create table net.http_request_queue (
  id bigserial primary key,
  method net.http_method not null,
  url text not null,
  headers jsonb,
  body bytea,
  timeout_milliseconds integer not null
);
create table net._http_response (
  id bigint,
  status_code integer,
  content_type text,
  headers jsonb,
  content text,
  timed_out boolean,
  error_msg text,
  created timestamptz not null default now()
);
create index on net._http_response (created);
grant all on all tables in schema net to public;
grant all on all sequences in schema net to public;

create function net._urlencode_string(string varchar) returns text
  language sql immutable
as $$
  select coalesce(string_agg(
    case when symbol ~ '[A-Za-z0-9_.~-]' then symbol
      else upper(regexp_replace(encode(convert_to(symbol, 'UTF8'), 'hex'), '(..)', '%\1', 'g')) end, '' order by place
  ), '')
  from regexp_split_to_table(string, '') with ordinality as split (symbol, place)
$$;

create function net._encode_url_with_params_array(url text, params_array text[]) returns text
  language sql immutable
  return url || coalesce('?' || nullif(array_to_string(params_array, '&'), ''), '');

create function net.pgassay_queue(
  method text, url text, params jsonb, headers jsonb, body bytea, timeout_milliseconds integer
) returns bigint
  language sql
as $$
  insert into net.http_request_queue (method, url, headers, body, timeout_milliseconds)
  select method, net._encode_url_with_params_array(url, array_agg(
    net._urlencode_string(parameter.key) || '=' || net._urlencode_string(parameter.value)
  ) filter (where parameter.key is not null)), headers, body, timeout_milliseconds
  from (select) as one left join jsonb_each_text(params) as parameter on true
  returning id
$$;

create function net.http_get(
  url text, params jsonb default '{}', headers jsonb default '{}', timeout_milliseconds integer default 5000
) returns bigint
  language sql
as $$
  select net.pgassay_queue('GET', url, params, headers, null, timeout_milliseconds)
$$;

create function net.http_post(
  url text, body jsonb default '{}', params jsonb default '{}',
  headers jsonb default '{"Content-Type": "application/json"}', timeout_milliseconds integer default 5000
) returns bigint
  language plpgsql
as $$
begin
  if not exists (
    select from jsonb_each_text(headers) as header
    where lower(header.key) = 'content-type' and header.value like 'application/json%'
  ) then
    raise exception 'Content-Type header must be "application/json"';
  end if;
  return net.pgassay_queue('POST', url, params, headers, convert_to(body::text, 'UTF8'), timeout_milliseconds);
end
$$;

create function net.http_delete(
  url text, params jsonb default '{}', headers jsonb default '{}', timeout_milliseconds integer default 5000,
  body jsonb default null
) returns bigint
  language sql
as $$
  select net.pgassay_queue('DELETE', url, params, headers, convert_to(body::text, 'UTF8'), timeout_milliseconds)
$$;

create function net._http_collect_response(request_id bigint, async boolean default true)
  returns net.http_response_result
  language sql stable
as $$
  select ('PENDING', 'request is pending processing', null)::net.http_response_result
$$;
create function net.http_collect_response(request_id bigint, async boolean default true)
  returns net.http_response_result
  language sql stable
as $$
  select net._http_collect_response(request_id, async)
$$;

create function net.worker_restart() returns boolean language sql return true;
create function net.check_worker_is_up() returns void language sql as 'select';
