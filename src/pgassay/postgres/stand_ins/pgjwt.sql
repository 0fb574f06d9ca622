-- pgjwt, whole: signs and verifies HS256, HS384 and HS512.
create function @extschema@.url_encode(data bytea) returns text language sql immutable
  return translate(encode(data, 'base64'), E'+/=\n', '-_');

create function @extschema@.url_decode(data text) returns bytea language sql immutable
  return decode(rpad(translate(data, '-_', '+/'), (length(data) + 3) / 4 * 4, '='), 'base64');

create function @extschema@.algorithm_sign(signables text, secret text, algorithm text) returns text
  language sql immutable
  return @extschema@.url_encode(
    @extschema@.pgassay_hmac(
      convert_to(signables, 'UTF8'), convert_to(secret, 'UTF8'),
      case algorithm when 'HS256' then 'sha256' when 'HS384' then 'sha384' when 'HS512' then 'sha512' end
    )
  );

create function @extschema@.sign(payload json, secret text, algorithm text default 'HS256') returns text
  language sql immutable
as $$
  with parts as (
    select @extschema@.url_encode(convert_to(format('{"alg":"%s","typ":"JWT"}', algorithm), 'UTF8'))
      || '.' || @extschema@.url_encode(convert_to(payload::text, 'UTF8')) as signables
  )
  select signables || '.' || @extschema@.algorithm_sign(signables, secret, algorithm) from parts
$$;

create function @extschema@.try_cast_double(inp text) returns double precision
  language plpgsql immutable
as $$
begin
  return inp::double precision;
exception when others then
  return null;
end
$$;

create function @extschema@.verify(token text, secret text, algorithm text default 'HS256')
  returns table (header json, payload json, valid boolean)
  language sql immutable
as $$
  select
    decoded.header,
    decoded.payload,
    split_part(token, '.', 3) = @extschema@.algorithm_sign(
      split_part(token, '.', 1) || '.' || split_part(token, '.', 2), secret, algorithm
    ) and tstzrange(
      to_timestamp(@extschema@.try_cast_double(decoded.payload ->> 'nbf')),
      to_timestamp(@extschema@.try_cast_double(decoded.payload ->> 'exp'))
    ) @> current_timestamp
  from (
    select
      convert_from(@extschema@.url_decode(split_part(token, '.', 1)), 'UTF8')::json as header,
      convert_from(@extschema@.url_decode(split_part(token, '.', 2)), 'UTF8')::json as payload
  ) as decoded
$$;
