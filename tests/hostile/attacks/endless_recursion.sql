-- Tries recursion without end: of functions, of triggers, of a query.
-- Must be refused, each by a limit of PostgreSQL or of ours.
create function public.deeper(n int) returns int language plpgsql as $$ begin return public.deeper(n + 1); end $$;
select public.deeper(1);  -- finds: does_not_apply: stack depth limit exceeded
create table if not exists public.echo (a int);
alter table public.echo enable row level security;
create function public.echo() returns trigger language plpgsql as $$
begin
  insert into public.echo values (1);
  return new;
end $$;
create trigger echo after insert on public.echo for each row execute function public.echo();
insert into public.echo values (1);  -- finds: does_not_apply: stack depth limit exceeded
with recursive again (n, t) as (select 1, repeat('x', 1000) union all select n + 1, t from again)  -- finds: does_not_apply
select count(*) from again;
create view public.one with (security_invoker = true) as select 1 as a;
create or replace recursive view public.one (a) as select a from public.one;
select * from public.one;  -- finds: does_not_apply: infinite recursion
