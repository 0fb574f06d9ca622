-- btree_gist: GiST operator classes for plain types, so that an EXCLUDE constraint may say `room with =`. Finding is
-- exact: btequalimage answers true whatever it is given, and the server then asks the operator itself about each row.
-- From the index's second page on it needs functions that are not here; index_am_handler_in refuses in their place. An
-- operator class takes a superuser (`extensions.PARKED`).
create function @extschema@.gbt_consistent(internal, internal, smallint, oid, internal) returns boolean
  language internal immutable strict parallel safe as 'btequalimage';
create function @extschema@.gbt_union(internal, internal) returns internal
  language internal immutable strict parallel safe as 'index_am_handler_in';
create function @extschema@.gbt_penalty(internal, internal, internal) returns internal
  language internal immutable strict parallel safe as 'index_am_handler_in';
create function @extschema@.gbt_picksplit(internal, internal) returns internal
  language internal immutable strict parallel safe as 'index_am_handler_in';
create function @extschema@.gbt_same(internal, internal, internal) returns internal
  language internal immutable strict parallel safe as 'index_am_handler_in';

do $classes$
declare
  class record;
begin
  for class in
    select * from (values
      ('gist_bit_ops', 'bit'), ('gist_bool_ops', 'boolean'), ('gist_bpchar_ops', 'bpchar'), ('gist_bytea_ops', 'bytea'),
      ('gist_cash_ops', 'money'), ('gist_date_ops', 'date'), ('gist_enum_ops', 'anyenum'), ('gist_float4_ops', 'real'),
      ('gist_float8_ops', 'double precision'), ('gist_inet_ops', 'inet'), ('gist_int2_ops', 'smallint'),
      ('gist_int4_ops', 'integer'), ('gist_int8_ops', 'bigint'), ('gist_interval_ops', 'interval'),
      ('gist_macaddr8_ops', 'macaddr8'), ('gist_macaddr_ops', 'macaddr'), ('gist_numeric_ops', 'numeric'),
      ('gist_oid_ops', 'oid'), ('gist_text_ops', 'text'), ('gist_time_ops', 'time'),
      ('gist_timestamp_ops', 'timestamp'), ('gist_timestamptz_ops', 'timestamptz'),
      ('gist_timetz_ops', 'timetz'), ('gist_uuid_ops', 'uuid'),
      ('gist_vbit_ops', 'varbit')
    ) as listed (name, type)
  loop
    execute format(
      'create operator class @extschema@.%I default for type %s using gist as
        operator 1 <, operator 2 <=, operator 3 =, operator 4 >=, operator 5 >, operator 6 <>,
        function 1 @extschema@.gbt_consistent(internal, internal, smallint, oid, internal),
        function 2 @extschema@.gbt_union(internal, internal),
        function 5 @extschema@.gbt_penalty(internal, internal, internal),
        function 6 @extschema@.gbt_picksplit(internal, internal),
        function 7 @extschema@.gbt_same(internal, internal, internal)',
      class.name, class.type
    );
  end loop;
end
$classes$;
