-- plpgsql_check: the functions that people call are there and refuse; pgassay asks the real one by itself.
create function @extschema@.plpgsql_check_function(
  funcoid regprocedure, relid regclass default 0, format text default 'text', fatal_errors boolean default true,
  other_warnings boolean default true, performance_warnings boolean default false, extra_warnings boolean default true
) returns setof text
  language plpgsql
as $$
begin
  raise exception using errcode = '0A000', message = 'plpgsql_check stand-in of pgassay cannot read a body';
end
$$;

create function @extschema@.plpgsql_check_function(
  name text, relid regclass default 0, format text default 'text', fatal_errors boolean default true,
  other_warnings boolean default true, performance_warnings boolean default false, extra_warnings boolean default true
) returns setof text
  language plpgsql
as $$
begin
  raise exception using errcode = '0A000', message = 'plpgsql_check stand-in of pgassay cannot read a body';
end
$$;
