-- Tries to make the catalog itself too large to look at: comments, defaults, functions and policies of megabytes.
-- Must end with a report.
-- limits: statement=20 run=60
do $$
begin
  for n in 1..3 loop
    execute format('create table public.t%s (a text default %L)', n, repeat('x', 1000000));
    execute format('alter table public.t%s enable row level security', n);
    execute format('comment on table public.t%s is %L', n, repeat('y', 1000000));
    execute format('create function public.f%s() returns text language sql as %L', n, 'select ' || quote_literal(repeat('z', 1000000)));
    execute format('create policy p on public.t%s using (a = %L)', n, repeat('w', 1000000));
  end loop;
end $$;
