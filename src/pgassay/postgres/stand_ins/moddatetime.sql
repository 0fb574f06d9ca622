-- moddatetime, whole: a BEFORE UPDATE trigger that puts the present time into the column its argument names.
create function @extschema@.moddatetime() returns trigger
  language plpgsql
as $$
begin
  if tg_nargs <> 1 then
    raise exception using errcode = '22023', message = 'moddatetime: A single argument was expected';
  elsif not to_jsonb(new) ? tg_argv[0] then
    raise exception using
      errcode = '09000', message = format('"%s" has no attribute "%s"', tg_table_name, tg_argv[0]);
  end if;
  return jsonb_populate_record(new, jsonb_build_object(tg_argv[0], now()));
end
$$;
