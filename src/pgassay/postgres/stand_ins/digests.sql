-- Message digests for the stand-ins that need them. PostgreSQL itself has MD5 and SHA-2; SHA-1 (RFC 3174) is computed
-- here, its 32-bit words kept in bigint. Two stand-ins in one schema share them, whoever made the first.
do $digests$
begin
if to_regprocedure('@extschema@.pgassay_sha1(bytea)') is not null then
  return;
end if;
create function @extschema@.pgassay_sha1(data bytea) returns bytea
  language plpgsql immutable strict parallel safe
as $$
declare
  mask constant bigint := 4294967295;
  state bigint[] := array[1732584193, 4023233417, 2562383102, 271733878, 3285377520];
  padded bytea := data || '\x80'::bytea
    || decode(repeat('00', (119 - length(data) % 64) % 64), 'hex')
    || int8send(length(data)::bigint * 8);
  words bigint[];
  a bigint; b bigint; c bigint; d bigint; e bigint;
  mixed bigint; constant_word bigint; next_word bigint;
begin
  for block in 0 .. length(padded) / 64 - 1 loop
    for t in 0 .. 79 loop
      if t < 16 then
        next_word := ('x' || encode(substr(padded, block * 64 + t * 4 + 1, 4), 'hex'))::bit(32)::bigint;
      else
        next_word := words[t - 2] # words[t - 7] # words[t - 13] # words[t - 15];
        next_word := ((next_word << 1) | (next_word >> 31)) & mask;
      end if;
      words[t + 1] := next_word;
    end loop;
    a := state[1]; b := state[2]; c := state[3]; d := state[4]; e := state[5];
    for t in 0 .. 79 loop
      if t < 20 then
        mixed := (b & c) | (~b & mask & d);
        constant_word := 1518500249;
      elsif t < 40 then
        mixed := b # c # d;
        constant_word := 1859775393;
      elsif t < 60 then
        mixed := (b & c) | (b & d) | (c & d);
        constant_word := 2400959708;
      else
        mixed := b # c # d;
        constant_word := 3395469782;
      end if;
      next_word := ((((a << 5) | (a >> 27)) & mask) + mixed + e + words[t + 1] + constant_word) & mask;
      e := d; d := c; c := ((b << 30) | (b >> 2)) & mask; b := a; a := next_word;
    end loop;
    state := array[(state[1] + a) & mask, (state[2] + b) & mask, (state[3] + c) & mask, (state[4] + d) & mask,
      (state[5] + e) & mask];
  end loop;
  return substr(int8send(state[1]), 5) || substr(int8send(state[2]), 5) || substr(int8send(state[3]), 5)
    || substr(int8send(state[4]), 5) || substr(int8send(state[5]), 5);
end
$$;

create function @extschema@.pgassay_digest(data bytea, algorithm text) returns bytea
  language plpgsql immutable strict parallel safe
as $$
begin
  case lower(algorithm)
    when 'md5' then return decode(md5(data), 'hex');
    when 'sha1' then return @extschema@.pgassay_sha1(data);
    when 'sha224' then return sha224(data);
    when 'sha256' then return sha256(data);
    when 'sha384' then return sha384(data);
    when 'sha512' then return sha512(data);
    else
      raise exception using
        errcode = '22023', message = format('Cannot use "%s": No such hash algorithm', algorithm);
  end case;
end
$$;

-- RFC 2104: the key is cut or padded to the block of the digest, and mixed with two constants.
create function @extschema@.pgassay_hmac(data bytea, key bytea, algorithm text) returns bytea
  language plpgsql immutable strict parallel safe
as $$
declare
  block constant integer := case when lower(algorithm) in ('sha384', 'sha512') then 128 else 64 end;
  padded bytea := case when length(key) > block then @extschema@.pgassay_digest(key, algorithm) else key end;
  inner_pad bytea;
  outer_pad bytea;
begin
  padded := padded || decode(repeat('00', block - length(padded)), 'hex');
  inner_pad := padded;
  outer_pad := padded;
  for place in 0 .. block - 1 loop
    inner_pad := set_byte(inner_pad, place, get_byte(padded, place) # 54);
    outer_pad := set_byte(outer_pad, place, get_byte(padded, place) # 92);
  end loop;
  return @extschema@.pgassay_digest(outer_pad || @extschema@.pgassay_digest(inner_pad || data, algorithm), algorithm);
end
$$;
end
$digests$;
