-- What the routes of the instructor portal ask for, under the names that they use.

alter table users add column full_name text;
update users set full_name = name where full_name is null;
alter table users rename column avatar to avatar_url;

create table quiz_attempts (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references users (id) on delete cascade,
  course_id uuid not null references courses (id) on delete cascade,
  score numeric(5, 2) not null,
  max_score numeric(5, 2) not null,
  passed boolean not null default false,
  created_at timestamptz not null default now()
);

alter table student_progress add column time_spent_seconds integer not null default 0;

create view course_enrollments as select * from enrollments;
create view lesson_progress as select * from student_progress;
