-- uuid-ossp, whole: the values are of the same versions and, where they are functions of a name, the same values.
create function @extschema@.uuid_nil() returns uuid language sql immutable strict parallel safe
  return '00000000-0000-0000-0000-000000000000'::uuid;
create function @extschema@.uuid_ns_dns() returns uuid language sql immutable strict parallel safe
  return '6ba7b810-9dad-11d1-80b4-00c04fd430c8'::uuid;
create function @extschema@.uuid_ns_url() returns uuid language sql immutable strict parallel safe
  return '6ba7b811-9dad-11d1-80b4-00c04fd430c8'::uuid;
create function @extschema@.uuid_ns_oid() returns uuid language sql immutable strict parallel safe
  return '6ba7b812-9dad-11d1-80b4-00c04fd430c8'::uuid;
create function @extschema@.uuid_ns_x500() returns uuid language sql immutable strict parallel safe
  return '6ba7b814-9dad-11d1-80b4-00c04fd430c8'::uuid;

create function @extschema@.uuid_generate_v4() returns uuid language sql volatile strict parallel safe
  return gen_random_uuid();

-- 60 bits of time in steps of 100 ns since 1582-10-15, then a random clock sequence and a random multicast address.
create function @extschema@.uuid_generate_v1mc() returns uuid
  language plpgsql volatile strict parallel safe
as $$
declare
  ticks constant text := lpad(
    to_hex((extract(epoch from clock_timestamp()) * 1000000)::bigint * 10 + 122192928000000000), 15, '0'
  );
  random constant bytea := decode(substr(replace(gen_random_uuid()::text, '-', ''), 17), 'hex');
begin
  return (
    substr(ticks, 8) || substr(ticks, 4, 4) || '1' || substr(ticks, 1, 3)
    || encode(set_byte(random, 2, get_byte(random, 2) | 1), 'hex')
  )::uuid;
end
$$;
create function @extschema@.uuid_generate_v1() returns uuid language sql volatile strict parallel safe
  return @extschema@.uuid_generate_v1mc();

create function @extschema@.pgassay_named_uuid(digest bytea, version integer) returns uuid
  language sql immutable strict parallel safe
  return encode(
    set_byte(
      set_byte(substr(digest, 1, 16), 6, (get_byte(digest, 6) & 15) | (version << 4)),
      8, (get_byte(digest, 8) & 63) | 128
    ), 'hex'
  )::uuid;
create function @extschema@.uuid_generate_v3(namespace uuid, name text) returns uuid
  language sql immutable strict parallel safe
  return @extschema@.pgassay_named_uuid(decode(md5(uuid_send(namespace) || convert_to(name, 'UTF8')), 'hex'), 3);
create function @extschema@.uuid_generate_v5(namespace uuid, name text) returns uuid
  language sql immutable strict parallel safe
  return @extschema@.pgassay_named_uuid(
    @extschema@.pgassay_sha1(uuid_send(namespace) || convert_to(name, 'UTF8')), 5
  );
