-- Tries to leave us no time: statements and pauses of a millisecond.
-- Must end in time with what was found, or with a sentence.
-- may end: the database session has ended
-- may end: this ended the database session
-- may end: did not come to its end
set statement_timeout = 1;
create table if not exists public.open (id int primary key);  -- may find: does_not_apply
set idle_in_transaction_session_timeout = 1;
create table if not exists public.open_too (id int primary key);  -- may find: does_not_apply
set transaction_timeout = 1;  -- may find: does_not_apply
create table if not exists public.open_three (id int primary key);  -- may find: does_not_apply
