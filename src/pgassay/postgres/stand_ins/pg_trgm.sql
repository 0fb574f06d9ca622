-- pg_trgm: similarity and its operator are exact for letters and digits, searching inside a longer word refuses.
-- Indexes can be built and are never used: their operator classes hold no operator, so no query can match them. GIN
-- asks for the keys of a value, and void_in, which returns nothing whatever it is given, says that there are none. GiST
-- keeps the value itself; from the index's second page on it needs functions that are not here, and pg_ddl_command_in
-- refuses in their place. Operator classes take a superuser (`extensions.PARKED`). The bodies are of the kind that the
-- server parses at once, because the functions move to another schema.
create function @extschema@.show_trgm(text) returns text[]
  language sql immutable strict parallel safe
begin atomic
  select coalesce(array_agg(distinct trigram collate "C" order by trigram collate "C"), '{}')
  from regexp_split_to_table(lower($1), '[^[:alnum:]]+') as word,
    lateral (
      select substr('  ' || word || ' ', place, 3) from generate_series(1, length(word) + 1) as place
    ) as cut (trigram)
  where word <> '';
end;

create function @extschema@.similarity(text, text) returns real
  language sql immutable strict parallel safe
begin atomic
  select case when total = 0 then 0 else shared::real / total end
  from (
    select count(*) filter (where sides = 2) as shared, count(*) as total
    from (
      select trigram, count(*) as sides
      from (
        select unnest(@extschema@.show_trgm($1)) union all select unnest(@extschema@.show_trgm($2))
      ) as every (trigram)
      group by trigram
    ) as counted
  ) as sums;
end;
create function @extschema@.similarity_dist(text, text) returns real language sql immutable strict parallel safe
  return 1 - @extschema@.similarity($1, $2);

create function @extschema@.show_limit() returns real language sql stable strict parallel safe
  return coalesce(nullif(current_setting('pg_trgm.similarity_threshold', true), '')::real, 0.3);
create function @extschema@.set_limit(real) returns real language sql volatile strict
  return set_config('pg_trgm.similarity_threshold', $1::text, false)::real;
create function @extschema@.similarity_op(text, text) returns boolean language sql stable strict parallel safe
  return @extschema@.similarity($1, $2) >= @extschema@.show_limit();

create operator @extschema@.% (
  leftarg = text, rightarg = text, function = @extschema@.similarity_op, commutator = operator(@extschema@.%)
);
create operator @extschema@.<-> (
  leftarg = text, rightarg = text, function = @extschema@.similarity_dist, commutator = operator(@extschema@.<->)
);

do $refuse$
declare
  name text;
begin
  foreach name in array array['word_similarity', 'strict_word_similarity'] loop
    execute format(
      'create function @extschema@.%I(text, text) returns real language plpgsql immutable strict parallel safe as %L',
      name,
      format(
        'begin raise exception using errcode = %L, message = %L; end',
        '0A000', 'pg_trgm stand-in of pgassay cannot run ' || name || '()'
      )
    );
  end loop;
end
$refuse$;

create function @extschema@.gin_extract_value_trgm(text, internal, internal) returns internal
  language internal immutable strict parallel safe as 'void_in';
create function @extschema@.gin_extract_query_trgm(text, internal, smallint, internal, internal, internal, internal)
  returns internal
  language internal immutable strict parallel safe as 'void_in';
create function @extschema@.gin_trgm_consistent(
  internal, smallint, text, integer, internal, internal, internal, internal
) returns boolean
  language internal immutable strict parallel safe as 'void_in';
create operator class @extschema@.gin_trgm_ops for type text using gin as
  function 1 btint4cmp(integer, integer),
  function 2 @extschema@.gin_extract_value_trgm(text, internal, internal),
  function 3 @extschema@.gin_extract_query_trgm(text, internal, smallint, internal, internal, internal, internal),
  function 4 @extschema@.gin_trgm_consistent(internal, smallint, text, integer, internal, internal, internal, internal),
  storage integer;

create function @extschema@.gtrgm_consistent(internal, text, smallint, oid, internal) returns boolean
  language internal immutable strict parallel safe as 'pg_ddl_command_in';
create function @extschema@.gtrgm_union(internal, internal) returns text
  language internal immutable strict parallel safe as 'pg_ddl_command_in';
create function @extschema@.gtrgm_penalty(internal, internal, internal) returns internal
  language internal immutable strict parallel safe as 'pg_ddl_command_in';
create function @extschema@.gtrgm_picksplit(internal, internal) returns internal
  language internal immutable strict parallel safe as 'pg_ddl_command_in';
create function @extschema@.gtrgm_same(text, text, internal) returns internal
  language internal immutable strict parallel safe as 'pg_ddl_command_in';
create operator class @extschema@.gist_trgm_ops for type text using gist as
  function 1 @extschema@.gtrgm_consistent(internal, text, smallint, oid, internal),
  function 2 @extschema@.gtrgm_union(internal, internal),
  function 5 @extschema@.gtrgm_penalty(internal, internal, internal),
  function 6 @extschema@.gtrgm_picksplit(internal, internal),
  function 7 @extschema@.gtrgm_same(text, text, internal);
