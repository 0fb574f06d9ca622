-- Alone in its file: it cannot run in a transaction.
create index concurrently workshops_starts_at_idx on workshops (starts_at);
