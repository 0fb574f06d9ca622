-- auth.uid() is the login; the policies compare with users.id.
create function current_app_user() returns uuid
language sql stable security definer set search_path = ''
as $$
  select id from public.users where auth_user_id = auth.uid()
$$;

create function works_with(other uuid) returns boolean
language sql stable security definer set search_path = ''
as $$
  select exists (
    select from public.relationships
    where (provider_id = public.current_app_user() and client_id = other)
       or (client_id = public.current_app_user() and provider_id = other)
  )
$$;

revoke execute on function current_app_user(), works_with(uuid) from public, anon;
grant execute on function current_app_user(), works_with(uuid) to authenticated;
