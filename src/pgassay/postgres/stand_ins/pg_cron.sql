-- pg_cron: jobs are kept as the real one keeps them and never run.
create schema cron;
grant usage on schema cron to public;

create table cron.job (
  jobid bigserial primary key,
  schedule text not null,
  command text not null,
  nodename text not null default 'localhost',
  nodeport integer not null default 5432,
  database text not null default current_database(),
  username text not null default current_user,
  active boolean not null default true,
  jobname text,
  constraint jobname_username_uniq unique (jobname, username)
);
create table cron.job_run_details (
  jobid bigint,
  runid bigserial primary key,
  job_pid integer,
  database text,
  username text,
  command text,
  status text,
  return_message text,
  start_time timestamptz,
  end_time timestamptz
);
alter table cron.job enable row level security;
alter table cron.job_run_details enable row level security;
create policy cron_job_policy on cron.job using (username = current_user);
create policy cron_job_run_details_policy on cron.job_run_details using (username = current_user);
grant select on cron.job to public;
grant select, delete on cron.job_run_details to public;

-- Five fields, a number of seconds, or a name such as @daily. Values out of range are not noticed.
create function cron.pgassay_check_schedule(schedule text) returns void
  language plpgsql immutable
as $$
begin
  if schedule !~* '^\s*(@(reboot|yearly|annually|monthly|weekly|daily|midnight|hourly)|[1-5]?\d seconds?)\s*$'
    and schedule !~* '^\s*([-\d*/,$a-z]+\s+){4}[-\d*/,$a-z]+\s*$'
  then
    raise exception using
      errcode = '22023',
      message = 'invalid schedule: ' || schedule,
      hint = 'Use cron format (e.g. 5 4 * * *), or interval format ''[1-59] seconds''';
  end if;
end
$$;

create function cron.schedule(job_name text, schedule text, command text) returns bigint
  language plpgsql
as $$
#variable_conflict use_column
declare
  id bigint;
begin
  perform cron.pgassay_check_schedule(schedule.schedule);
  insert into cron.job (jobname, schedule, command)
  values (schedule.job_name, schedule.schedule, schedule.command)
  on conflict on constraint jobname_username_uniq
    do update set schedule = excluded.schedule, command = excluded.command, active = true
  returning jobid into id;
  return id;
end
$$;
create function cron.schedule(schedule text, command text) returns bigint
  language sql
as $$
  select cron.schedule(null, schedule, command)
$$;

create function cron.schedule_in_database(
  job_name text, schedule text, command text, database text, username text default null, active boolean default true
) returns bigint
  language plpgsql
as $$
declare
  id bigint := cron.schedule(job_name, schedule, command);
begin
  perform cron.alter_job(
    id, database => schedule_in_database.database, username => schedule_in_database.username,
    active => schedule_in_database.active
  );
  return id;
end
$$;

create function cron.alter_job(
  job_id bigint, schedule text default null, command text default null, database text default null,
  username text default null, active boolean default null
) returns void
  language plpgsql
as $$
begin
  if alter_job.schedule is not null then
    perform cron.pgassay_check_schedule(alter_job.schedule);
  end if;
  update cron.job as altered
  set schedule = coalesce(alter_job.schedule, altered.schedule),
    command = coalesce(alter_job.command, altered.command),
    database = coalesce(alter_job.database, altered.database),
    username = coalesce(alter_job.username, altered.username),
    active = coalesce(alter_job.active, altered.active)
  where altered.jobid = alter_job.job_id;
  if not found then
    raise exception 'Job % does not exist or you don''t own it', job_id;
  end if;
end
$$;

create function cron.unschedule(job_id bigint) returns boolean
  language plpgsql
as $$
begin
  delete from cron.job where jobid = job_id;
  if not found then
    raise exception 'could not find valid entry for job ''%''', job_id;
  end if;
  return true;
end
$$;
create function cron.unschedule(job_name text) returns boolean
  language plpgsql
as $$
begin
  delete from cron.job where jobname = job_name and username = current_user;
  if not found then
    raise exception 'could not find valid entry for job ''%''', job_name;
  end if;
  return true;
end
$$;
