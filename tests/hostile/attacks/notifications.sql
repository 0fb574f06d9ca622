-- Tries to drown us in notifications.
-- Must end in time.
listen flood;
do $$ begin for n in 1..5000 loop perform pg_notify('flood', n || repeat('x', 1000)); end loop; end $$;
commit;
do $$ begin for n in 1..5000 loop perform pg_notify('flood', n || repeat('x', 1000)); end loop; end $$;
notify flood, 'last';
create table if not exists public.after (id int primary key);  -- finds: missing_rls
