"""What is merged in the stories of changes that are right."""

from __future__ import annotations

USERS = {
    "20250101000000_users.sql": """
create table users (
  id bigint primary key,
  email varchar(100) unique,
  name varchar(20),
  bio varchar(200),
  seen timestamptz
);
create index users_name_idx on users (name);
alter table users enable row level security;
"""
}
