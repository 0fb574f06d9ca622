-- pgcrypto: digests, HMAC and random bytes are the real ones. crypt() keeps its contract, crypt(p, crypt(p, salt)) =
-- crypt(p, salt) and nothing else matches, but its hashes are SHA-256 and match no hash made elsewhere. Ciphers refuse.
create function @extschema@.digest(text, text) returns bytea language sql immutable strict parallel safe
  return @extschema@.pgassay_digest(convert_to($1, 'UTF8'), $2);
create function @extschema@.digest(bytea, text) returns bytea language sql immutable strict parallel safe
  return @extschema@.pgassay_digest($1, $2);
create function @extschema@.hmac(text, text, text) returns bytea language sql immutable strict parallel safe
  return @extschema@.pgassay_hmac(convert_to($1, 'UTF8'), convert_to($2, 'UTF8'), $3);
create function @extschema@.hmac(bytea, bytea, text) returns bytea language sql immutable strict parallel safe
  return @extschema@.pgassay_hmac($1, $2, $3);

create function @extschema@.gen_random_uuid() returns uuid language sql volatile strict parallel safe
  return pg_catalog.gen_random_uuid();

create function @extschema@.gen_random_bytes(integer) returns bytea
  language plpgsql volatile strict parallel safe
as $$
declare
  collected bytea := '';
begin
  if $1 not between 1 and 1024 then
    raise exception using errcode = '39000', message = 'Length not in range';
  end if;
  while length(collected) < $1 loop
    collected := collected
      || sha256(uuid_send(pg_catalog.gen_random_uuid()) || uuid_send(pg_catalog.gen_random_uuid()));
  end loop;
  return substr(collected, 1, $1);
end
$$;

-- Text of the length asked for, in the alphabet of crypt(3).
create function @extschema@.pgassay_crypt_text(data bytea, wanted integer) returns text
  language sql immutable strict parallel safe
  return left(rtrim(translate(encode(sha512(data), 'base64'), E'+\n', '.'), '='), wanted);

create function @extschema@.gen_salt(text, integer) returns text
  language plpgsql volatile strict parallel safe
as $$
declare
  random constant bytea := @extschema@.gen_random_bytes(32);
begin
  case lower($1)
    when 'bf' then
      if $2 not between 4 and 31 then
        raise exception using errcode = '22023', message = 'gen_salt: Incorrect number of rounds';
      end if;
      return '$2a$' || lpad($2::text, 2, '0') || '$' || @extschema@.pgassay_crypt_text(random, 22);
    when 'md5' then return '$1$' || @extschema@.pgassay_crypt_text(random, 8);
    when 'xdes' then return '_J9..' || @extschema@.pgassay_crypt_text(random, 4);
    when 'des' then return @extschema@.pgassay_crypt_text(random, 2);
    else raise exception using errcode = '22023', message = 'gen_salt: Unknown salt algorithm';
  end case;
end
$$;
create function @extschema@.gen_salt(text) returns text language sql volatile strict parallel safe
  return @extschema@.gen_salt($1, case when lower($1) = 'bf' then 6 else 0 end);

-- The salt may be a whole hash: its first characters are the salt, how many depends on the algorithm they name.
create function @extschema@.crypt(text, text) returns text
  language plpgsql immutable strict parallel safe
as $$
declare
  salt text;
  wanted integer;
begin
  if $2 ~ '^\$2[axy]\$\d\d\$.{22}' then
    salt := left($2, 29); wanted := 31;
  elsif $2 ~ '^\$1\$' then
    salt := '$1$' || split_part(substr($2, 4), '$', 1) || '$'; wanted := 22;
  elsif $2 ~ '^_.{8}' then
    salt := left($2, 9); wanted := 11;
  elsif length($2) >= 2 then
    salt := left($2, 2); wanted := 11;
  else
    raise exception using errcode = '22023', message = 'invalid salt';
  end if;
  return salt || @extschema@.pgassay_crypt_text(convert_to(salt || chr(1) || $1, 'UTF8'), wanted);
end
$$;

do $refuse$
declare
  signature text;
begin
  foreach signature in array array[
    'encrypt(bytea, bytea, text) returns bytea', 'decrypt(bytea, bytea, text) returns bytea',
    'encrypt_iv(bytea, bytea, bytea, text) returns bytea', 'decrypt_iv(bytea, bytea, bytea, text) returns bytea',
    'pgp_sym_encrypt(text, text) returns bytea', 'pgp_sym_encrypt(text, text, text) returns bytea',
    'pgp_sym_encrypt_bytea(bytea, text) returns bytea', 'pgp_sym_encrypt_bytea(bytea, text, text) returns bytea',
    'pgp_sym_decrypt(bytea, text) returns text', 'pgp_sym_decrypt(bytea, text, text) returns text',
    'pgp_sym_decrypt_bytea(bytea, text) returns bytea', 'pgp_sym_decrypt_bytea(bytea, text, text) returns bytea',
    'pgp_pub_encrypt(text, bytea) returns bytea', 'pgp_pub_encrypt(text, bytea, text) returns bytea',
    'pgp_pub_encrypt_bytea(bytea, bytea) returns bytea', 'pgp_pub_encrypt_bytea(bytea, bytea, text) returns bytea',
    'pgp_pub_decrypt(bytea, bytea) returns text', 'pgp_pub_decrypt(bytea, bytea, text) returns text',
    'pgp_pub_decrypt(bytea, bytea, text, text) returns text',
    'pgp_pub_decrypt_bytea(bytea, bytea) returns bytea', 'pgp_pub_decrypt_bytea(bytea, bytea, text) returns bytea',
    'pgp_pub_decrypt_bytea(bytea, bytea, text, text) returns bytea',
    'pgp_key_id(bytea) returns text', 'armor(bytea) returns text', 'armor(bytea, text[], text[]) returns text',
    'dearmor(text) returns bytea', 'pgp_armor_headers(text, out key text, out value text) returns setof record'
  ]
  loop
    execute format(
      'create function @extschema@.%s language plpgsql volatile strict parallel safe as %L',
      signature,
      format(
        'begin raise exception using errcode = %L, message = %L; end',
        '0A000', 'pgcrypto stand-in of pgassay cannot run ' || split_part(signature, '(', 1) || '()'
      )
    );
  end loop;
end
$refuse$;
