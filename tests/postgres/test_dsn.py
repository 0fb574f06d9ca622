from __future__ import annotations

import pytest

from pgassay.errors import CannotCheck
from pgassay.postgres.choose import open_provider
from pgassay.postgres.dsn import parse

SECRETS = ("sesame", "p@ss", "ss/w", "w0rd")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("postgresql://me:sesame@db.example:6432/app?sslmode=verify-full&sslrootcert=/ca.pem", "db.example port 6432"),
        ("postgres://me@localhost", "localhost"),
        ("host=/run/postgresql user=me password='se same'", "/run/postgresql"),
        ("postgresql://me:p%40ss%2Fw%3F@[::1]:5432/app", "::1 port 5432"),
        ("postgresql:///app?host=/run/postgresql&user=me", "/run/postgresql"),
        ("postgresql://a,b/app?target_session_attrs=primary", "a,b"),
        ("service=ci", "ci"),
        ("dbname=app", "the default socket"),
    ],
)
def test_both_forms_of_libpq_are_understood(text: str, place: str) -> None:
    dsn = parse(text)
    assert dsn.place == place
    assert repr(dsn) == f"<Dsn of {place}>"
    assert not {"user", "password", "dbname"} & dsn.parameters.keys()


def test_parameters_of_tls_pass_through() -> None:
    dsn = parse(
        "postgresql://me:sesame@h/app?sslmode=verify-full&sslrootcert=/ca.pem&sslcert=/c&sslkey=/k&gssencmode=disable"
    )
    assert dsn.parameters == {
        "host": "h",
        "sslmode": "verify-full",
        "sslrootcert": "/ca.pem",
        "sslcert": "/c",
        "sslkey": "/k",
        "gssencmode": "disable",
    }
    assert (dsn.user, dsn.password, dsn.database) == ("me", "sesame", "app")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("postgresql://me:p@ss@h/app", "%40"),
        ("postgresql://me:p@ss/w0rd@h/app", "%40"),
        ("postgresql://me:ss/w0rd@h/app", "%2F"),
        ("postgresql://me:w0rd?x@h/app", "%3F"),
        ("postgresql://me:sesame%zz@h/app", "does not understand"),
        ("mysql://me:sesame@h/app", "does not understand"),
        ("me:sesame@localhost", "does not understand"),
        ("host=h password=sesame colour=red", "does not understand"),
        ("host=h password='sesame", "does not understand"),
    ],
)
def test_what_cannot_be_understood_is_told_without_the_password(text: str, words: str) -> None:
    with pytest.raises(CannotCheck, match=words) as told:
        parse(text)
    assert not any(secret in str(told.value) for secret in SECRETS)
    assert told.value.__context__ is None or told.value.__suppress_context__


def test_an_at_sign_in_a_parameter_is_fine() -> None:
    assert parse("postgresql://h/app?application_name=a@b").parameters["application_name"] == "a@b"


def test_the_string_may_be_in_a_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PGASSAY_URL", raising=False)
    for setting in ("url:$PGASSAY_URL", "url:${PGASSAY_URL}"):
        with pytest.raises(CannotCheck, match="no variable PGASSAY_URL in the environment; set it"):
            open_provider(setting)
    monkeypatch.setenv("PGASSAY_URL", "postgresql://me:p@ss@h/app")
    with pytest.raises(CannotCheck, match="%40"):
        open_provider("url:$PGASSAY_URL")
