from __future__ import annotations

import pytest

from pgassay.proofs.owners import compared_with_uid


@pytest.mark.parametrize(
    "text",
    [
        "(user_id = auth.uid())",
        "(( SELECT auth.uid() AS uid) = user_id)",
        "(user_id = ( SELECT auth.uid() AS uid))",
        "((auth.uid())::text = user_id)",
        "(EXISTS ( SELECT 1 FROM members m WHERE ((m.user_id = auth.uid()) AND (m.org_id = orgs.id))))",
        "select id from people where user_id = (select auth.uid())",
    ],
)
def test_a_column_that_is_compared(text: str) -> None:
    assert compared_with_uid(text) == {"user_id"}


@pytest.mark.parametrize("text", ["true", "(auth.uid() IS NOT NULL)", "(user_id = other_id)", "auth.role() = 'x'"])
def test_nothing_is_compared(text: str) -> None:
    assert compared_with_uid(text) == frozenset()
