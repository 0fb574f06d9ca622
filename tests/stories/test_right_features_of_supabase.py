"""Features as teams write them on Supabase, made right: who may see what, sign-ups, files, what runs at night."""

from __future__ import annotations

import pytest

from tests.stories.story import Files, Teller
from tests.stories.test_right_features import CLOSED, WORKSPACES, one_by_one

ON_SUPABASE = (
    WORKSPACES
    + CLOSED
    + """
create table profiles (
  id uuid primary key references auth.users (id) on delete cascade,
  username text not null unique check (char_length(username) between 3 and 30),
  updated_at timestamptz not null default now()
);
alter table profiles enable row level security;
create policy "Everybody signed in sees profiles" on profiles for select to authenticated using (true);
create policy "People change their own profile" on profiles for update to authenticated
  using (id = (select auth.uid())) with check (id = (select auth.uid()));
create table teams (id bigint generated always as identity primary key, name text not null);
alter table teams enable row level security;
create table team_members (
  team_id bigint not null references teams (id) on delete cascade,
  user_id uuid not null references auth.users (id) on delete cascade,
  role text not null default 'member' check (role in ('member', 'admin')),
  primary key (team_id, user_id)
);
create index team_members_user_id_idx on team_members (user_id);
alter table team_members enable row level security;
"""
)

MEMBERS = {
    "membership_helpers": """
create schema if not exists private;
grant usage on schema private to authenticated;
create function private.my_teams() returns setof bigint language sql stable security definer set search_path = ''
  as $$ select team_id from public.team_members where user_id = (select auth.uid()) $$;
create function private.is_admin_of(team bigint) returns boolean
  language sql stable security definer set search_path = ''
  as $$
    select exists (
      select from public.team_members m where m.team_id = team and m.user_id = (select auth.uid()) and m.role = 'admin'
    )
  $$;
revoke all on function private.my_teams(), private.is_admin_of(bigint) from public;
grant execute on function private.my_teams(), private.is_admin_of(bigint) to authenticated;
""",
    "team_policies": """
create policy "Members see their teams" on teams for select to authenticated
  using (id in (select private.my_teams()));
create policy "Admins rename their team" on teams for update to authenticated
  using ((select private.is_admin_of(id))) with check ((select private.is_admin_of(id)));
create policy "Members see each other" on team_members for select to authenticated
  using (team_id in (select private.my_teams()));
create policy "Admins invite" on team_members for insert to authenticated
  with check ((select private.is_admin_of(team_id)));
create policy "Admins remove" on team_members for delete to authenticated
  using ((select private.is_admin_of(team_id)));
""",
    "messages": """
create table messages (
  id bigint generated always as identity primary key,
  team_id bigint not null references teams (id) on delete cascade,
  author_id uuid not null default auth.uid() references auth.users (id) on delete cascade,
  body text not null check (length(body) <= 4000),
  sent_at timestamptz not null default now()
);
create index messages_team_id_idx on messages (team_id, sent_at desc);
create index messages_author_id_idx on messages (author_id);
alter table messages enable row level security;
create policy "Members read" on messages for select to authenticated using (team_id in (select private.my_teams()));
create policy "Members write as themselves" on messages for insert to authenticated
  with check (author_id = (select auth.uid()) and team_id in (select private.my_teams()));
create policy "Authors take back" on messages for delete to authenticated using (author_id = (select auth.uid()));
alter publication supabase_realtime add table messages;
""",
    "leave_team": """
create function leave_team(team bigint) returns void language plpgsql security definer set search_path = '' as $$
declare
  me constant uuid := (select auth.uid());
begin
  if me is null then
    raise exception 'nobody is signed in' using errcode = '42501';
  end if;
  delete from public.team_members m where m.team_id = team and m.user_id = me;
  if not exists (select from public.team_members m where m.team_id = team) then
    delete from public.teams t where t.id = team;
  end if;
end
$$;
revoke execute on function leave_team(bigint) from public, anon;
grant execute on function leave_team(bigint) to authenticated;
""",
}

PROFILES = {
    "new_users": """
create function public.handle_new_user() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  insert into public.profiles (id, username)
  values (new.id, coalesce(new.raw_user_meta_data ->> 'username', 'user_' || left(new.id::text, 8)))
  on conflict (id) do nothing;
  return new;
end
$$;
revoke execute on function public.handle_new_user() from public, anon, authenticated;
create trigger on_auth_user_created after insert on auth.users for each row execute function public.handle_new_user();
""",
    "avatars": """
insert into storage.buckets (id, name, public) values ('avatars', 'avatars', false) on conflict (id) do nothing;
create policy "Own avatar: see" on storage.objects for select to authenticated
  using (bucket_id = 'avatars' and (storage.foldername(name))[1] = (select auth.uid())::text);
create policy "Own avatar: add" on storage.objects for insert to authenticated
  with check (bucket_id = 'avatars' and (storage.foldername(name))[1] = (select auth.uid())::text);
create policy "Own avatar: remove" on storage.objects for delete to authenticated
  using (bucket_id = 'avatars' and (storage.foldername(name))[1] = (select auth.uid())::text);
""",
    "settings": """
create table user_settings (
  user_id uuid primary key references auth.users (id) on delete cascade,
  theme text not null default 'system' check (theme in ('system', 'light', 'dark')),
  weekly_mail boolean not null default true,
  changed_at timestamptz not null default now()
);
alter table user_settings enable row level security;
create policy "Own settings" on user_settings for all to authenticated
  using (user_id = (select auth.uid())) with check (user_id = (select auth.uid()));
create function public.touch_settings() returns trigger language plpgsql set search_path = '' as $$
begin
  new.changed_at = now();
  return new;
end
$$;
create trigger user_settings_touched before update on user_settings
  for each row execute function public.touch_settings();
""",
    "username_only": """
revoke update on profiles from anon, authenticated;
grant update (username) on profiles to authenticated;
""",
    "policy_anew": """
drop policy if exists "Everybody signed in sees profiles" on profiles;
create policy "Signed-in people see profiles" on profiles for select to authenticated using (true);
""",
    "audit": """
create schema if not exists internal;
create table internal.profile_changes (
  id bigint generated always as identity primary key,
  profile_id uuid not null,
  before jsonb,
  after jsonb,
  actor_id uuid,
  at timestamptz not null default now()
);
create index profile_changes_profile_id_idx on internal.profile_changes (profile_id);
alter table internal.profile_changes enable row level security;
create function internal.note_profile_change() returns trigger
  language plpgsql security definer set search_path = '' as $$
begin
  insert into internal.profile_changes (profile_id, before, after, actor_id)
  values (coalesce(new.id, old.id), to_jsonb(old), to_jsonb(new), (select auth.uid()));
  return null;
end
$$;
revoke execute on function internal.note_profile_change() from public;
create trigger profiles_noted after update or delete on profiles
  for each row execute function internal.note_profile_change();
""",
    "clean_up_at_night": """
create extension if not exists pg_cron;
create function internal.forget_old_changes() returns void language sql set search_path = ''
  as $$ delete from internal.profile_changes where at < now() - interval '1 year' $$;
select cron.schedule('forget-old-changes', '15 3 * * *', 'select internal.forget_old_changes()');
""",
}


@pytest.mark.parametrize("features", [MEMBERS, PROFILES], ids=["members", "profiles"])
def test_of_supabase(story: Teller, features: Files) -> None:
    story(merged={"20250101000000_start.sql": ON_SUPABASE}, proposed=one_by_one(features)).says()
