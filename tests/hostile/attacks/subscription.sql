-- Tries to have the server connect by itself.
-- Must be refused.
create subscription way_out connection 'host=127.0.0.1 port=@port@ dbname=x' publication p;  -- finds: does_not_apply
create subscription way_out connection 'host=127.0.0.1 port=@port@ dbname=x' publication p with (connect = false);  -- finds: does_not_apply: permission denied to create subscription
select pg_create_logical_replication_slot('keep', 'pgoutput');  -- finds: does_not_apply: permission denied
select pg_create_physical_replication_slot('keep', true);  -- finds: does_not_apply: permission denied
