create type workshop_status as enum ('draft', 'published', 'in_progress', 'completed', 'cancelled');
create type registration_status as enum ('registered', 'waitlisted', 'attended', 'cancelled', 'no_show');

create table workshops (
  id uuid primary key default gen_random_uuid(),
  instructor_id uuid references users (id) on delete set null,
  title varchar(200) not null,
  status workshop_status not null default 'draft',
  price numeric(10, 2) not null default 0,
  starts_at timestamptz
);

create table workshop_registrations (
  id uuid primary key default gen_random_uuid(),
  workshop_id uuid not null references workshops (id) on delete restrict,
  user_id uuid not null references users (id) on delete cascade,
  status registration_status not null default 'registered',
  registered_at timestamptz not null default now(),
  unique (workshop_id, user_id)
);

create table workshop_feedback (
  id uuid primary key default gen_random_uuid(),
  registration_id uuid not null references workshop_registrations (id) on delete cascade,
  rating smallint not null check (rating between 1 and 5),
  comment text
);

alter table workshops enable row level security;
alter table workshop_registrations enable row level security;
alter table workshop_feedback enable row level security;

create policy workshops_published on workshops for select to authenticated
  using (status <> 'draft');
create policy workshop_registrations_own on workshop_registrations for all to authenticated
  using (user_id = (select auth.uid())) with check (user_id = (select auth.uid()));
create policy workshop_feedback_own on workshop_feedback for all to authenticated
  using (registration_id in (select id from workshop_registrations where user_id = (select auth.uid())));
