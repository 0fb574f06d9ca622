"""Whether Supabase's Data API is behind a database, as far as its migrations tell.

A table that refers to `auth.users` may as well belong to somebody who runs the service for sign-in alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from pgassay.model import Migration, Unchecked

_OF_THE_API = re.compile(
    r"\bauth\s*\.\s*(?:uid|role|jwt|email)\b|\bstorage\s*\.\s*(?:objects|buckets)\b"
    r"|\bservice_role\b|\bsupabase_realtime\b|\brequest\.jwt\b"
    r'|\b(?:to|from)\s+(?:"?\w+"?\s*,\s*)*"?(?:anon|authenticated)\b',
    re.I,
)

NOT_SERVED = Unchecked(
    "what the Data API serves",
    "of Supabase the migrations name auth.users alone and the code nothing, so no schema was taken for served",
    'exposed_schemas = ["public"] in pgassay.toml, or environment = "postgres"',
)


def speak_of_the_api(migrations: Iterable[Migration]) -> bool:
    """Its roles, its functions about the caller, its storage and its realtime."""
    return any(_OF_THE_API.search(migration.text) for migration in migrations)
