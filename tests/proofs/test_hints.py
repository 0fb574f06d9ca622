"""What the conditions of a change look for."""

from __future__ import annotations

from pgassay.proofs.hints import hints
from pgassay.sql.split import statements


def test_literals_beside_columns() -> None:
    text = """
      delete from teams where kind = 'it''s old' and "isTest" = true and size = -2.5;
      update app.orders set state = 'new' where state in ('a', 'b') and note like '%x%';
      update orders set state = 'other';
      select * from nobody where kind = 'x';
    """
    assert hints(statements("x.sql", text)) == {
        ("teams", "kind"): ("it's old",),
        ("teams", "isTest"): ("true",),
        ("teams", "size"): ("-2.5",),
        ("orders", "state"): ("a", "b"),
    }
