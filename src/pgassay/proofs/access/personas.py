"""Those who try: nobody signed in, two users with rows of their own, a third who owns nothing, the service role."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from pgassay.proofs.rows import IDS, STRANGER

ROLES = ("anon", "authenticated", "service_role")


class Persona(Struct, frozen=True):
    """A role, and the user whose claims it carries: a, b, the stranger c, or nobody. `more` are claims besides.

    A persona of the settings has a name in place of a letter, and its own `uid`.
    """

    role: str
    user: str | None = None
    more: Mapping[str, Any] = {}
    uid: str | None = None

    @property
    def id(self) -> str | None:
        return self.uid or (IDS[self.user] if self.user else None)

    @property
    def claims(self) -> str:
        """As PostgREST puts them into `request.jwt.claims`."""
        if self == NOBODY:
            return ""
        if self.user is None:
            return json.dumps({"role": self.role})
        claims: dict[str, Any] = {
            "sub": self.id,
            "role": self.role,
            "aud": "authenticated",
            "email": f"{self.user}@example.com",
            "aal": "aal1",
            "is_anonymous": False,
            "app_metadata": {"provider": "email"},
            "user_metadata": {"full_name": self.user},
        }
        return json.dumps({**claims, **self.more})

    def __str__(self) -> str:
        if self.user is None:
            return {"service_role": "the service role"}.get(self.role, self.role)
        return f"persona {self.user}" if self.uid else f"user {self.user.upper()}"


def signed_in(name: str) -> Persona:
    return Persona("authenticated", name)


NOBODY = Persona("none")
"""The migration role itself."""
A_STRANGER = signed_in(STRANGER)
