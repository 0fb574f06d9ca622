-- citext, a string type that compares by its lower case, with the functions on patterns that are in use. A base type
-- and operator classes take a superuser (`extensions.PARKED`).
create type @extschema@.citext;
create function @extschema@.citextin(cstring) returns @extschema@.citext
  language internal immutable strict parallel safe as 'textin';
create function @extschema@.citextout(@extschema@.citext) returns cstring
  language internal immutable strict parallel safe as 'textout';
create function @extschema@.citextrecv(internal) returns @extschema@.citext
  language internal stable strict parallel safe as 'textrecv';
create function @extschema@.citextsend(@extschema@.citext) returns bytea
  language internal stable strict parallel safe as 'textsend';
create type @extschema@.citext (
  input = @extschema@.citextin,
  output = @extschema@.citextout,
  receive = @extschema@.citextrecv,
  send = @extschema@.citextsend,
  internallength = variable,
  storage = extended,
  category = 'S',
  preferred = false,
  collatable = true
);

create cast (@extschema@.citext as text) without function as implicit;
create cast (@extschema@.citext as varchar) without function as implicit;
create cast (@extschema@.citext as bpchar) without function as assignment;
create cast (text as @extschema@.citext) without function as assignment;
create cast (varchar as @extschema@.citext) without function as assignment;
create function @extschema@.citext(bpchar) returns @extschema@.citext
  language sql immutable strict parallel safe return rtrim($1::text)::@extschema@.citext;
create function @extschema@.citext(boolean) returns @extschema@.citext
  language sql immutable strict parallel safe return $1::text::@extschema@.citext;
create function @extschema@.citext(inet) returns @extschema@.citext
  language sql immutable strict parallel safe return $1::text::@extschema@.citext;
create cast (bpchar as @extschema@.citext) with function @extschema@.citext(bpchar) as assignment;
create cast (boolean as @extschema@.citext) with function @extschema@.citext(boolean) as assignment;
create cast (inet as @extschema@.citext) with function @extschema@.citext(inet) as assignment;

do $operators$
declare
  made record;
begin
  for made in
    select * from (values
      ('citext_eq', '=', '=', '<>', 'restrict = eqsel, join = eqjoinsel, hashes, merges'),
      ('citext_ne', '<>', '<>', '=', 'restrict = neqsel, join = neqjoinsel'),
      ('citext_lt', '<', '>', '>=', 'restrict = scalarltsel, join = scalarltjoinsel'),
      ('citext_le', '<=', '>=', '>', 'restrict = scalarlesel, join = scalarlejoinsel'),
      ('citext_ge', '>=', '<=', '<', 'restrict = scalargesel, join = scalargejoinsel'),
      ('citext_gt', '>', '<', '<=', 'restrict = scalargtsel, join = scalargtjoinsel')
    ) as listed (function, operator, commutator, negator, estimates)
  loop
    execute format(
      'create function @extschema@.%I(@extschema@.citext, @extschema@.citext) returns boolean
        language sql immutable strict parallel safe as %L',
      made.function, format('select lower($1::text) %s lower($2::text)', made.operator)
    );
    execute format(
      'create operator @extschema@.%s (
        leftarg = @extschema@.citext, rightarg = @extschema@.citext, function = @extschema@.%I,
        commutator = operator(@extschema@.%s), negator = operator(@extschema@.%s), %s
      )', made.operator, made.function, made.commutator, made.negator, made.estimates
    );
  end loop;

  for made in
    select * from (values
      ('texticlike', '~~', '~~*', '!~~'),
      ('texticnlike', '!~~', '!~~*', '~~'),
      ('texticlike', '~~*', '~~*', '!~~*'),
      ('texticnlike', '!~~*', '!~~*', '~~*'),
      ('texticregexeq', '~', '~*', '!~'),
      ('texticregexne', '!~', '!~*', '~'),
      ('texticregexeq', '~*', '~*', '!~*'),
      ('texticregexne', '!~*', '!~*', '~*')
    ) as listed (function, operator, meaning, negator),
      (values ('@extschema@.citext'), ('text')) as right_side (argument)
  loop
    execute format(
      'create or replace function @extschema@.%I(@extschema@.citext, %s) returns boolean
        language sql immutable strict parallel safe as %L',
      made.function, made.argument, format('select $1::text operator(pg_catalog.%s) $2::text', made.meaning)
    );
    execute format(
      'create operator @extschema@.%s (
        leftarg = @extschema@.citext, rightarg = %s, function = @extschema@.%I, negator = operator(@extschema@.%s)
      )', made.operator, made.argument, made.function, made.negator
    );
  end loop;
end
$operators$;

create function @extschema@.citext_cmp(@extschema@.citext, @extschema@.citext) returns integer
  language sql immutable strict parallel safe as 'select bttextcmp(lower($1::text), lower($2::text))';
create function @extschema@.citext_hash(@extschema@.citext) returns integer
  language sql immutable strict parallel safe as 'select hashtext(lower($1::text))';
create operator class @extschema@.citext_ops default for type @extschema@.citext using btree as
  operator 1 @extschema@.<,
  operator 2 @extschema@.<=,
  operator 3 @extschema@.=,
  operator 4 @extschema@.>=,
  operator 5 @extschema@.>,
  function 1 @extschema@.citext_cmp(@extschema@.citext, @extschema@.citext);
create operator class @extschema@.citext_ops default for type @extschema@.citext using hash as
  operator 1 @extschema@.=,
  function 1 @extschema@.citext_hash(@extschema@.citext);

create function @extschema@.citext_smaller(@extschema@.citext, @extschema@.citext) returns @extschema@.citext
  language sql immutable strict parallel safe
  as 'select case when bttextcmp(lower($1::text), lower($2::text)) < 0 then $1 else $2 end';
create function @extschema@.citext_larger(@extschema@.citext, @extschema@.citext) returns @extschema@.citext
  language sql immutable strict parallel safe
  as 'select case when bttextcmp(lower($1::text), lower($2::text)) > 0 then $1 else $2 end';
create aggregate @extschema@.min(@extschema@.citext) (
  sfunc = @extschema@.citext_smaller, stype = @extschema@.citext, sortop = operator(@extschema@.<), parallel = safe
);
create aggregate @extschema@.max(@extschema@.citext) (
  sfunc = @extschema@.citext_larger, stype = @extschema@.citext, sortop = operator(@extschema@.>), parallel = safe
);

create function @extschema@.strpos(@extschema@.citext, @extschema@.citext) returns integer
  language sql immutable strict parallel safe as 'select strpos(lower($1::text), lower($2::text))';
create function @extschema@.replace(@extschema@.citext, @extschema@.citext, @extschema@.citext) returns text
  language sql immutable strict parallel safe
  as $$select regexp_replace($1::text, regexp_replace($2::text, '([^[:alnum:]])', '\\\1', 'g'), $3::text, 'gi')$$;
create function @extschema@.regexp_match(@extschema@.citext, @extschema@.citext) returns text[]
  language sql immutable strict parallel safe as $$select regexp_match($1::text, $2::text, 'i')$$;
create function @extschema@.regexp_replace(@extschema@.citext, @extschema@.citext, text) returns text
  language sql immutable strict parallel safe as $$select regexp_replace($1::text, $2::text, $3, 'i')$$;
create function @extschema@.split_part(@extschema@.citext, @extschema@.citext, integer) returns text
  language sql immutable strict parallel safe
  as $$select (regexp_split_to_array(
    $1::text, regexp_replace($2::text, '([^[:alnum:]])', '\\\1', 'g'), 'i'
  ))[$3]$$;
