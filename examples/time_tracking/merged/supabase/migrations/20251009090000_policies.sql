alter table users enable row level security;
alter table relationships enable row level security;
alter table sessions enable row level security;
alter table payments enable row level security;
alter table requests enable row level security;
alter table activities enable row level security;
alter table invites enable row level security;

create policy users_read on users for select to authenticated
  using (id = (select current_app_user()) or works_with(id));
create policy users_update_self on users for update to authenticated
  using (id = (select current_app_user())) with check (id = (select current_app_user()));

create policy relationships_read on relationships for select to authenticated
  using ((select current_app_user()) in (provider_id, client_id));
create policy relationships_add on relationships for insert to authenticated
  with check (provider_id = (select current_app_user()));

create policy sessions_read on sessions for select to authenticated
  using ((select current_app_user()) in (provider_id, client_id));
create policy sessions_add on sessions for insert to authenticated
  with check (provider_id = (select current_app_user()));
create policy sessions_update on sessions for update to authenticated
  using (provider_id = (select current_app_user())) with check (provider_id = (select current_app_user()));

create policy payments_read on payments for select to authenticated
  using ((select current_app_user()) in (provider_id, client_id));
create policy payments_add on payments for insert to authenticated
  with check (provider_id = (select current_app_user()));

create policy requests_read on requests for select to authenticated
  using ((select current_app_user()) in (provider_id, client_id));
create policy requests_add on requests for insert to authenticated
  with check (provider_id = (select current_app_user()));

create policy activities_read on activities for select to authenticated
  using (provider_id = (select current_app_user()) or works_with(provider_id));

create policy invites_own on invites for all to authenticated
  using (provider_id = (select current_app_user())) with check (provider_id = (select current_app_user()));
