-- Tries foreign data wrappers: another server, a file.
-- Must find no such extensions and make none of its own.
-- notes: extension postgres_fdw
-- notes: extension file_fdw
create extension if not exists postgres_fdw;
create extension if not exists file_fdw;
create server elsewhere foreign data wrapper postgres_fdw options (host '127.0.0.1', port '@port@');
create server files foreign data wrapper file_fdw;
create foreign table public.secret (line text) server files options (filename '@folder@/secret.txt');
create foreign data wrapper own;
