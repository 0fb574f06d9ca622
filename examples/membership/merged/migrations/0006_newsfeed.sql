create table if not exists newsfeedpost (
  id uuid primary key default gen_random_uuid(),
  title varchar(160) not null,
  body text not null,
  published_at timestamptz
);

alter table newsfeedpost enable row level security;

drop policy if exists newsfeedpost_read on newsfeedpost;
create policy newsfeedpost_read on newsfeedpost for select to authenticated
  using (published_at <= now());
