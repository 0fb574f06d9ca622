-- Notifications, who is online, and the triggers that fill the first.

create table notifications (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references users (id) on delete cascade,
  title varchar(160) not null,
  read boolean not null default false,
  created_at timestamptz not null default now()
);
create index notifications_user_id_idx on notifications (user_id) where not read;

create table student_presence (
  user_id uuid primary key references users (id) on delete cascade,
  course_id uuid references courses (id) on delete set null,
  last_seen_at timestamptz not null default now()
);

alter table notifications enable row level security;
create policy notifications_own on notifications for all to authenticated
  using (user_id = (select auth.uid())) with check (user_id = (select auth.uid()));

create function notify_instructor_workshop_registration() returns trigger
language plpgsql security definer
as $$
begin
  insert into notifications (user_id, title)
    select w.instructor_id, 'New registration for ' || w.title
    from workshops w
    where w.id = new.workshop_id and w.instructor_id is not null;
  return new;
end
$$;

create trigger trigger_notify_workshop_registration after insert on workshop_registrations
  for each row execute function notify_instructor_workshop_registration();

-- The dashboard counts registrations by status.
create index workshop_registrations_status_idx on workshop_registrations (workshop_id, status);

alter publication supabase_realtime add table notifications, workshop_registrations;

create view user_unread_notifications as
  select user_id, count(*) as unread from notifications where not read group by user_id;
