-- A client can be archived, and a session knows the relationship that it was worked for.

-- Constant default, longer limit: both are instant.
alter table users add column archived boolean not null default false;
alter table users alter column name type varchar(120);

alter table sessions
  add column relationship_id uuid references relationships (id) on delete cascade;
create index sessions_relationship_id_idx on sessions (relationship_id);

-- The yearly report adds minutes up as bigint, so they are stored as bigint.
alter table sessions alter column duration_minutes type bigint;

-- Archived clients are nobody's counterpart. The policies that used the old function come back below.
drop function works_with(uuid) cascade;

create function works_with(other uuid, include_archived boolean default false) returns boolean
language sql stable security definer set search_path = ''
as $$
  select exists (
    select from public.relationships r
    join public.users c on c.id = r.client_id
    where (include_archived or not c.archived)
      and ((r.provider_id = public.current_app_user() and r.client_id = other)
        or (r.client_id = public.current_app_user() and r.provider_id = other))
  )
$$;

revoke execute on function works_with(uuid, boolean) from public, anon;
grant execute on function works_with(uuid, boolean) to authenticated;

create policy users_read on users for select to authenticated
  using (id = (select current_app_user()) or works_with(id, true));
