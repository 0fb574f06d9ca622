create table relationship_audit (
  id bigint generated always as identity primary key,
  relationship_id uuid not null,
  provider_id uuid references users (id) on delete set null,
  client_id uuid references users (id) on delete set null,
  ended_at timestamptz not null default now()
);

alter table relationship_audit enable row level security;
create policy relationship_audit_read on relationship_audit for select to authenticated
  using (provider_id = (select current_app_user()));

alter publication supabase_realtime add table relationship_audit;

create function end_relationship(client uuid) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  caller uuid := public.current_app_user();
begin
  if caller is null then
    raise exception 'Not signed in';
  end if;
  if exists (
    select from public.sessions
    where provider_id = caller and client_id = client and status <> 'paid'
  ) then
    raise exception 'There is unpaid work';
  end if;
  insert into public.relationship_audit (relationship_id, provider_id, client_id)
    select id, provider_id, client_id from public.relationships
    where provider_id = caller and client_id = client;
  delete from public.relationships where provider_id = caller and client_id = client;
end
$$;

revoke execute on function end_relationship(uuid) from public, anon;
grant execute on function end_relationship(uuid) to authenticated;
