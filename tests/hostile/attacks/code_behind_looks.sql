-- Tries to have code run when somebody looks at a table or a view, or inserts a row: defaults, generated columns, checks,
-- views, rules, policies, domains, casts, index expressions, statistics.
-- Must run as the migration role at most: none of it is called by us, and superuser never enters this database.
create function public.escalate() returns int language plpgsql stable as $$
begin
  if (select rolsuper from pg_roles where rolname = current_user) then
    execute 'copy (select 1) to program ''touch @folder@/written''';
  end if;
  return 1;
end $$;
create function public.escalate_immutable(a int) returns int language plpgsql immutable as $$
begin
  return a * public.escalate();
end $$;
create domain public.trap as int check (public.escalate() = 1);
create table if not exists public.traps (
  a int default public.escalate(),
  b int generated always as (public.escalate_immutable(a)) stored,
  c public.trap,
  check (public.escalate() = 1)
);
alter table public.traps enable row level security;
create policy trap on public.traps using (public.escalate() = 1);
create index if not exists traps_idx on public.traps (public.escalate_immutable(a));
create statistics if not exists public.traps_stats on (public.escalate_immutable(a)), c from public.traps;
create view public.look with (security_invoker = true) as select public.escalate();
create rule trap as on update to public.traps do also select public.escalate();
create materialized view public.looks as select public.escalate() as a;
insert into public.traps default values;
analyze public.traps;
