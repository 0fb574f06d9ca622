-- Tries to connect to the outside, to this server as somebody else, and to itself a hundred times, through dblink.
-- Must find no such extension, and no way to the listener.
-- notes: extension dblink
create extension if not exists dblink;
select * from dblink('host=127.0.0.1 port=@port@ dbname=x', 'select 1') as t (a int);
select * from dblink('dbname=canary user=supabase_admin', 'select secret from kept') as t (a text);
select dblink_connect('c' || n, 'dbname=postgres') from generate_series(1, 100) as n;
