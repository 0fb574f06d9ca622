"""Where a server that somebody else runs is, and how to log in there. The password stays in here."""

from __future__ import annotations

import re
from collections.abc import Mapping

from pgassay.errors import CannotCheck

_URI = re.compile(r"postgres(?:ql)?://(?P<rest>.*)", re.DOTALL)
_SETTING = 'postgres = "url:..."'
_OWN_SAY = frozenset({"user", "password", "dbname", "client_encoding"})


class Dsn:
    """`parameters` are libpq's, TLS among them, without who logs in and where; what is None is libpq's to choose."""

    def __init__(self, parameters: Mapping[str, str]) -> None:
        self.parameters = {name: value for name, value in parameters.items() if name not in _OWN_SAY}
        self.user = parameters.get("user")
        self.password = parameters.get("password")
        self.database = parameters.get("dbname")

    def __repr__(self) -> str:
        return f"<Dsn of {self.place}>"

    @property
    def place(self) -> str:
        """Host and port, for messages."""
        host = self.parameters.get("host") or self.parameters.get("hostaddr") or self.parameters.get("service")
        port = self.parameters.get("port", "").strip(",")
        return (host or "the default socket") + (f" port {port}" if port else "")


def parse(text: str) -> Dsn:
    """A connection string of libpq, in either of its forms. Raises CannotCheck, without a word of the text.

    libpq's own message would quote it, password and all, and one that is not encoded becomes a host name there.
    """
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict

    if (uri := _URI.fullmatch(text)) and _login_is_broken(uri["rest"]):
        raise CannotCheck(
            f"the connection string of {_SETTING} has an @, / or ? in its user or password as it is; "
            "write them as %40, %2F and %3F"
        )
    try:
        return Dsn({name: str(value) for name, value in conninfo_to_dict(text).items() if value is not None})
    except ProgrammingError:
        raise CannotCheck(
            f"libpq does not understand the connection string of {_SETTING}; "
            "write url:postgresql://USER:PASSWORD@HOST:PORT/DATABASE"
        ) from None


def _login_is_broken(rest: str) -> bool:
    before_query = rest.partition("?")[0]
    authority = before_query.partition("/")[0]
    return before_query.count("@") > 1 or ("@" in rest and "@" not in authority and "=" not in rest.partition("@")[0])
