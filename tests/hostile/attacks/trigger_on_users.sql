-- Tries to have a trigger run with the rights of whoever inserts rows: us, one day as superuser.
-- Must run as the migration role at most, so that the program in it never starts.
create table if not exists public.profiles (id uuid primary key, seen_by text);
alter table public.profiles enable row level security;
create function public.on_signup() returns trigger language plpgsql as $$
begin
  if (select rolsuper from pg_roles where rolname = current_user) then
    execute 'copy (select 1) to program ''touch @folder@/written''';
  end if;
  insert into public.profiles values (new.id, current_user);
  return new;
end $$;
create trigger on_signup after insert on auth.users for each row execute function public.on_signup();
insert into auth.users (id, email) values ('00000000-0000-0000-0000-000000000001', 'a@example.com');
do $$ begin assert (select seen_by from public.profiles) = 'postgres'; end $$;
