"""What a check constraint lets in, as the server writes it down."""

from __future__ import annotations

import pytest

from pgassay.postgres.catalog import allowed_by, catalog
from pgassay.postgres.embedded import Embedded


@pytest.mark.parametrize(
    ("check", "allowed"),
    [
        ("state in ('a', 'b')", ("a", "b")),
        ("state = any (array['a', 'it''s'])", ("a", "it's")),
        ("state is null or state in ('a', 'b')", ("a", "b")),
        ("name in ('a', 'b')", ("a", "b")),
        ("name::text = any (array['a'::varchar, 'b'])", ("a", "b")),
        ("lower(state) in ('a', 'b')", None),
        ("state in ('a', 'b') or state like 'x%'", None),
        ("state not in ('a', 'b')", None),
        ("state in ('a', 'b') and length(state) > 0", None),
        ("state in ('a', upper('b'))", None),
        ("length(state) in (1, 2)", None),
        ("state <> ''", None),
        ("state in ('a', name)", None),
    ],
)
def test_values_of_a_check(server: Embedded, database: str, check: str, allowed: tuple[str, ...] | None) -> None:
    with server.connect(database) as session:
        sql = (
            f"create table t (state text, name varchar(9), \"Odd\" text check (\"Odd\" in ('x', 'y')), check ({check}))"
        )
        assert session.run(sql).error is None
        columns = catalog(session).tables[0].columns
    assert columns["Odd"].allowed == ("x", "y")
    found = [columns[name].allowed for name in ("state", "name") if columns[name].allowed]
    assert found == ([allowed] if allowed else [])


def test_the_first_plain_one_of_several() -> None:
    plain = "CHECK ((s = ANY (ARRAY['a'::text, 'b'::text]))) NOT VALID"
    assert allowed_by(["CHECK ((s <> ''::text))", plain]) == ("a", "b")
    assert allowed_by([]) is None
