-- Tries to run out of memory again and again: each time the server writes pages about it.
-- Must end in time, with nothing but the end of those pages kept.
do $$ begin  -- finds: does_not_apply: stopped because it had not ended
  loop
    begin
      perform repeat('x', 600000000) || repeat('x', 600000000);
    exception when out_of_memory then null;
    end;
  end loop;
end $$;
