-- pgmq: its queues are tables, so the core functions work as the real ones do.
create schema pgmq;
grant usage on schema pgmq to public;

create table pgmq.meta (
  queue_name varchar not null unique,
  is_partitioned boolean not null,
  is_unlogged boolean not null,
  created_at timestamptz not null default now()
);
create type pgmq.message_record as (
  msg_id bigint, read_ct integer, enqueued_at timestamptz, vt timestamptz, message jsonb, headers jsonb
);
create type pgmq.queue_record as (
  queue_name varchar, is_partitioned boolean, is_unlogged boolean, created_at timestamptz
);
create type pgmq.metrics_result as (
  queue_name text, queue_length bigint, newest_msg_age_sec integer, oldest_msg_age_sec integer, total_messages bigint,
  scrape_time timestamptz, queue_visible_length bigint
);

create function pgmq.format_table_name(queue_name text, prefix text) returns text
  language plpgsql immutable
as $$
begin
  if queue_name ~ '\$|;|--|''' then
    raise exception 'queue name contains invalid characters: $, ;, --, or \''';
  elsif length(queue_name) > 47 then
    raise exception 'queue name is too long, maximum length is 47 characters';
  end if;
  return lower(prefix || '_' || queue_name);
end
$$;

create function pgmq.pgassay_create(queue_name text, unlogged boolean) returns void
  language plpgsql
as $$
declare
  queue constant text := pgmq.format_table_name(queue_name, 'q');
  archive constant text := pgmq.format_table_name(queue_name, 'a');
begin
  execute format(
    'create %s table if not exists pgmq.%I (
      msg_id bigint primary key generated always as identity,
      read_ct integer not null default 0,
      enqueued_at timestamptz not null default now(),
      vt timestamptz not null,
      message jsonb,
      headers jsonb
    )', case when unlogged then 'unlogged' else '' end, queue
  );
  execute format('create index if not exists %I on pgmq.%I (vt)', queue || '_vt_idx', queue);
  execute format(
    'create table if not exists pgmq.%I (
      msg_id bigint primary key,
      read_ct integer not null default 0,
      enqueued_at timestamptz not null default now(),
      archived_at timestamptz not null default now(),
      vt timestamptz not null,
      message jsonb,
      headers jsonb
    )', archive
  );
  insert into pgmq.meta (queue_name, is_partitioned, is_unlogged)
  values (pgassay_create.queue_name, false, unlogged)
  on conflict do nothing;
end
$$;
create function pgmq.create(queue_name text) returns void language sql
  as 'select pgmq.pgassay_create(queue_name, false)';
create function pgmq.create_non_partitioned(queue_name text) returns void language sql
  as 'select pgmq.pgassay_create(queue_name, false)';
create function pgmq.create_unlogged(queue_name text) returns void language sql
  as 'select pgmq.pgassay_create(queue_name, true)';
create function pgmq.create_partitioned(
  queue_name text, partition_interval text default '10000', retention_interval text default '100000'
) returns void
  language plpgsql
as $$
begin
  raise exception using errcode = '0A000', message = 'pgmq stand-in of pgassay cannot partition a queue';
end
$$;

create function pgmq.drop_queue(queue_name text) returns boolean
  language plpgsql
as $$
begin
  delete from pgmq.meta where meta.queue_name = drop_queue.queue_name;
  if not found then
    raise notice 'pgmq queue `%` does not exist', queue_name;
    return false;
  end if;
  execute format('drop table if exists pgmq.%I', pgmq.format_table_name(queue_name, 'q'));
  execute format('drop table if exists pgmq.%I', pgmq.format_table_name(queue_name, 'a'));
  return true;
end
$$;
create function pgmq.drop_queue(queue_name text, partitioned boolean) returns boolean language sql
  as 'select pgmq.drop_queue(queue_name)';

create function pgmq.list_queues() returns setof pgmq.queue_record language sql
  as 'select queue_name, is_partitioned, is_unlogged, created_at from pgmq.meta';

create function pgmq.send_batch(queue_name text, msgs jsonb[], headers jsonb[], delay timestamptz) returns setof bigint
  language plpgsql
as $$
begin
  return query execute format(
    'insert into pgmq.%I (vt, message, headers) select $1, sent.* from unnest($2, $3) as sent returning msg_id',
    pgmq.format_table_name(queue_name, 'q')
  ) using delay, msgs, headers;
end
$$;
create function pgmq.send_batch(queue_name text, msgs jsonb[], headers jsonb[], delay integer default 0)
  returns setof bigint
  language sql
  as 'select pgmq.send_batch(queue_name, msgs, headers, clock_timestamp() + make_interval(secs => delay))';
create function pgmq.send_batch(queue_name text, msgs jsonb[], delay integer default 0) returns setof bigint
  language sql
  as 'select pgmq.send_batch(queue_name, msgs, null::jsonb[], delay)';
create function pgmq.send(queue_name text, msg jsonb, headers jsonb, delay timestamptz) returns setof bigint
  language sql
  as 'select pgmq.send_batch(queue_name, array[msg], array[headers], delay)';
create function pgmq.send(queue_name text, msg jsonb, headers jsonb, delay integer default 0) returns setof bigint
  language sql
  as 'select pgmq.send_batch(queue_name, array[msg], array[headers], delay)';
create function pgmq.send(queue_name text, msg jsonb, delay timestamptz) returns setof bigint
  language sql
  as 'select pgmq.send_batch(queue_name, array[msg], null::jsonb[], delay)';
create function pgmq.send(queue_name text, msg jsonb, delay integer default 0) returns setof bigint
  language sql
  as 'select pgmq.send_batch(queue_name, array[msg], null::jsonb[], delay)';

create function pgmq.read(queue_name text, vt integer, qty integer, conditional jsonb default '{}')
  returns setof pgmq.message_record
  language plpgsql
as $$
begin
  return query execute format(
    'update pgmq.%1$I as queued
    set read_ct = queued.read_ct + 1, vt = clock_timestamp() + make_interval(secs => $1)
    where queued.msg_id in (
      select waiting.msg_id from pgmq.%1$I as waiting
      where waiting.vt <= clock_timestamp() and waiting.message @> $3
      order by waiting.msg_id limit $2 for update skip locked
    )
    returning queued.msg_id, queued.read_ct, queued.enqueued_at, queued.vt, queued.message, queued.headers',
    pgmq.format_table_name(queue_name, 'q')
  ) using vt, qty, conditional;
end
$$;
create function pgmq.read_with_poll(
  queue_name text, vt integer, qty integer, max_poll_seconds integer default 5, poll_interval_ms integer default 100,
  conditional jsonb default '{}'
) returns setof pgmq.message_record
  language sql
  as 'select pgmq.read(queue_name, vt, qty, conditional)';

create function pgmq.pop(queue_name text, qty integer default 1) returns setof pgmq.message_record
  language plpgsql
as $$
begin
  return query execute format(
    'delete from pgmq.%1$I as queued
    where queued.msg_id in (
      select waiting.msg_id from pgmq.%1$I as waiting
      where waiting.vt <= clock_timestamp()
      order by waiting.msg_id limit $1 for update skip locked
    )
    returning queued.msg_id, queued.read_ct, queued.enqueued_at, queued.vt, queued.message, queued.headers',
    pgmq.format_table_name(queue_name, 'q')
  ) using qty;
end
$$;

create function pgmq.delete(queue_name text, msg_ids bigint[]) returns setof bigint
  language plpgsql
as $$
begin
  return query execute format(
    'delete from pgmq.%I where msg_id = any ($1) returning msg_id', pgmq.format_table_name(queue_name, 'q')
  ) using msg_ids;
end
$$;
create function pgmq.delete(queue_name text, msg_id bigint) returns boolean language sql
  as 'select exists (select from pgmq.delete(queue_name, array[msg_id]))';

create function pgmq.archive(queue_name text, msg_ids bigint[]) returns setof bigint
  language plpgsql
as $$
begin
  return query execute format(
    'with moved as (
      delete from pgmq.%I where msg_id = any ($1) returning msg_id, read_ct, enqueued_at, vt, message, headers
    )
    insert into pgmq.%I (msg_id, read_ct, enqueued_at, vt, message, headers) select * from moved returning msg_id',
    pgmq.format_table_name(queue_name, 'q'), pgmq.format_table_name(queue_name, 'a')
  ) using msg_ids;
end
$$;
create function pgmq.archive(queue_name text, msg_id bigint) returns boolean language sql
  as 'select exists (select from pgmq.archive(queue_name, array[msg_id]))';

create function pgmq.set_vt(queue_name text, msg_id bigint, vt integer) returns setof pgmq.message_record
  language plpgsql
as $$
begin
  return query execute format(
    'update pgmq.%I as queued set vt = clock_timestamp() + make_interval(secs => $2) where queued.msg_id = $1
    returning queued.msg_id, queued.read_ct, queued.enqueued_at, queued.vt, queued.message, queued.headers',
    pgmq.format_table_name(queue_name, 'q')
  ) using msg_id, vt;
end
$$;

create function pgmq.purge_queue(queue_name text) returns bigint
  language plpgsql
as $$
declare
  purged bigint;
begin
  execute format('delete from pgmq.%I', pgmq.format_table_name(queue_name, 'q'));
  get diagnostics purged = row_count;
  return purged;
end
$$;

create function pgmq.metrics(queue_name text) returns pgmq.metrics_result
  language plpgsql
as $$
declare
  result pgmq.metrics_result;
  queue constant text := pgmq.format_table_name(queue_name, 'q');
begin
  execute format(
    'select $1, count(*), extract(epoch from now() - max(enqueued_at))::integer,
      extract(epoch from now() - min(enqueued_at))::integer,
      coalesce(pg_sequence_last_value(pg_get_serial_sequence(%L, %L)::regclass), 0),
      now(), count(*) filter (where vt <= clock_timestamp())
    from pgmq.%I', format('pgmq.%I', queue), 'msg_id', queue
  ) into result using queue_name;
  return result;
end
$$;
create function pgmq.metrics_all() returns setof pgmq.metrics_result language sql
  as 'select (pgmq.metrics(queue_name)).* from pgmq.meta';
