-- Tries the extensions by which Supabase projects reach the network.
-- Must reach nothing: stand-ins take their place.
-- notes: extension http
-- notes: extension pg_net
create extension if not exists pg_net;
create extension if not exists http;
select net.http_post(url := 'http://127.0.0.1:@port@/', body := '{}'::jsonb);
select * from http_get('http://127.0.0.1:@port@/');
