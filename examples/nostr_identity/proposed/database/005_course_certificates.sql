-- A certificate for whoever finishes a course.

create table if not exists course_certificates (
  id uuid primary key default gen_random_uuid(),
  profile_id uuid not null references profiles (id) on delete cascade,
  course_id uuid not null references courses (id) on delete cascade,
  issued_at timestamptz not null default now(),
  unique (profile_id, course_id)
);

alter table course_certificates enable row level security;
