"""Catalog rules: psql's variables as parameters, an object address in front, everything else as it is written."""

from __future__ import annotations

import pytest

from pgassay.catalogue.query import PARAMETERS, compile_query
from pgassay.errors import CatalogueError
from pgassay.postgres.embedded import Embedded

ADDRESS = "select c.oid as classid, c.oid as objid, 0 as objsubid, "
FROM = " from pg_class c"


def compiled(rest: str) -> str:
    query = compile_query(ADDRESS + rest, "x.sql")
    assert query.text.startswith(ADDRESS)
    return query.text.removeprefix(ADDRESS)


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("1 as n from t where s = any (:exposed_schemas)", "1 as n from t where s = any (%(exposed_schemas)s)"),
        (":environment::text as e", "%(environment)s::text as e"),
        ("f(:protected_tables, :environment) as e", "f(%(protected_tables)s, %(environment)s) as e"),
        # casts, slices, strings and comments have colons of their own
        ("a::int as n, a :: int as m", "a::int as n, a :: int as m"),
        ("a[1:2] as n, a[:2] as m, a[1:] as o", "a[1:2] as n, a[:2] as m, a[1:] as o"),
        ("':environment' as n, e'\\':environment' as m", "':environment' as n, e'\\':environment' as m"),
        ('1 as ":environment"', '1 as ":environment"'),
        ("$$:environment$$ as n", "$$:environment$$ as n"),
        ("1 as n -- :nope, it's\n, 2 as m", "1 as n -- :nope, it's\n, 2 as m"),
        # psycopg's own mark
        ("5 % 2 as n, '100%' as m", "5 %% 2 as n, '100%%' as m"),
        ("'%(environment)s' as n", "'%%(environment)s' as n"),
        # it is put into parentheses
        ("1 as n;", "1 as n"),
        ("1 as n ; ;\n", "1 as n"),
        ("1 as n; -- done", "1 as n"),
        ("1 as n\n-- done\n", "1 as n"),
        ("1 as n /* done; */", "1 as n"),
    ],
)
def test_what_is_sent(written: str, sent: str) -> None:
    assert compiled(written) == sent


@pytest.mark.parametrize(
    ("select", "columns"),
    [
        ("select classid, objid, objsubid", ()),
        ("select i.classid, i.objid, i.objsubid, n.nspname from i, n", ("nspname",)),
        (ADDRESS + "x as a, y b, z as label, 'on delete' as mark from t", ("a", "b", "label", "mark")),
        ("with t as (select 1) " + ADDRESS + "x as a from t", ("a",)),
        (ADDRESS + "x as a from t union all " + ADDRESS + "y as b from u", ("a",)),
        ("(" + ADDRESS + "x as a from t) union (select 1, 2, 3, 4) order by 1", ("a",)),
    ],
)
def test_columns(select: str, columns: tuple[str, ...]) -> None:
    assert compile_query(select, "x.sql").columns == ("classid", "objid", "objsubid", *columns)


def test_facts_are_the_named_columns_that_are_words_for_the_page() -> None:
    select = ADDRESS + "x as table, y::text, count(*), z as label, 'on delete' as mark from t"
    assert compile_query(select, "x.sql").facts == {"table"}


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("", "x.sql: a catalog rule is one SELECT; found nothing."),
        ("-- later", "x.sql: a catalog rule is one SELECT; found nothing."),
        ("select 1; select 2", "x.sql: a catalog rule is one SELECT; found SELECT, SELECT."),
        ("drop table t", "x.sql: a catalog rule is one SELECT; found DROP TABLE."),
        (ADDRESS + "a : environment as b", 'x.sql:1: syntax error at or near ":".'),
        ("select 'é',\n  a b c", 'x.sql:2: syntax error at or near "c".'),
        ("select 1,\n  'abc", 'x.sql:2: unterminated quoted string at or near "\'abc".'),
        (
            "select :environment,\n:environment,\n:environment,\n a b c",
            'x.sql:4: syntax error at or near "c".',
        ),
        (
            "select a, b.c, d as e, f from t",
            "x.sql: the first three columns must be classid, objid, objsubid; found a, c, e.",
        ),
        (
            "select 1 as classid, 2 as objid, 3 as objsubid, 4 as subject",
            "x.sql: a column may not be called subject; give it another name with `as`.",
        ),
        ("select 1", "x.sql: the first three columns must be classid, objid, objsubid; found one without a name."),
        ("values (1, 2, 3)", "x.sql: the first three columns must be classid, objid, objsubid; found none."),
        (
            "select objid, classid, objsubid from t",
            "x.sql: the first three columns must be classid, objid, objsubid; found objid, classid, objsubid.",
        ),
        (
            ADDRESS + ":schemas as x",
            f"x.sql: unknown parameter :schemas; there are {', '.join(PARAMETERS)}.",
        ),
    ],
)
def test_what_is_refused(source: str, sentence: str) -> None:
    with pytest.raises(CatalogueError) as refused:
        compile_query(source, "x.sql")
    assert str(refused.value) == sentence


def test_the_server_sees_what_was_written(server: Embedded, database: str) -> None:
    query = compile_query(
        ADDRESS
        + "'a:environment 5%' as literal, :environment::text as environment, (array[1, 2, 3])[1:2] as slice,"
        + " 7 % 4 as rest, 'public' = any (:exposed_schemas) as exposed from pg_class c"
        + " where c.relname = 'pg_class' -- 100 % of :them",
        "x.sql",
    )
    parameters = {"environment": "supabase", "exposed_schemas": ["public", "it's"]}
    with server.connect(database) as session:
        rows = session.rows(f"select * from ({query.text}) q", parameters)
    assert [row[3:] for row in rows] == [("a:environment 5%", "supabase", [1, 2], 3, True)]
