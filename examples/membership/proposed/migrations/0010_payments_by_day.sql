-- Run it by itself: it cannot be part of a transaction.
create index concurrently if not exists user_payments_paid_at_idx on user_payments (paid_at);
