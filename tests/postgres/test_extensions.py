from __future__ import annotations

import base64
import hashlib
import hmac
import json
import uuid
from collections.abc import Iterator
from itertools import count

import pytest

from pgassay.model import ServerError
from pgassay.postgres import environments, extensions
from pgassay.postgres.embedded import Embedded
from pgassay.postgres.extensions import PlanKind
from pgassay.postgres.session import Session

_numbers = count(1)
NOTHING: frozenset[str] = frozenset()

MADE_BY_THE_MIGRATION_ROLE = [
    "http",
    "moddatetime",
    "pg_cron",
    "pg_graphql",
    "pg_jsonschema",
    "pg_net",
    "pg_stat_statements",
    "pgcrypto",
    "pgjwt",
    "pgmq",
    "plpgsql_check",
    "supabase_vault",
    "uuid-ossp",
]
PARKED = ["btree_gist", "citext", "pg_trgm", "vector"]


@pytest.fixture(scope="module")
def templates(server: Embedded) -> Iterator[dict[str, str]]:
    names = {name: f"extensions_{name}" for name in environments.NAMES}
    for name, database in names.items():
        server.create(database)
        server.prepare(database, environments.sql(name))
    yield names
    for database in names.values():
        server.drop(database)


def _clone(server: Embedded, template: str) -> Iterator[Session]:
    name = f"extensions_{next(_numbers)}"
    server.create(name, template=template)
    with server.connect(name) as session:
        yield session
    server.drop(name)


@pytest.fixture(params=environments.NAMES)
def environment(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def session(server: Embedded, templates: dict[str, str], environment: str) -> Iterator[Session]:
    yield from _clone(server, templates[environment])


@pytest.fixture
def plain(server: Embedded, templates: dict[str, str]) -> Iterator[Session]:
    yield from _clone(server, templates["postgres"])


def _run(session: Session, sql: str) -> list[str]:
    outcome = session.run(sql)
    assert outcome.error is None, f"{outcome.error.sqlstate} {outcome.error.message}"
    return [notice.message for notice in outcome.notices]


def _refused(session: Session, sql: str) -> ServerError:
    error = session.run(sql).error
    assert error is not None, sql
    return error


def _create(
    session: Session, name: str, schema: str | None = None, *, environment: str = "postgres", if_not_exists: bool = True
) -> list[str]:
    """What the replay does with CREATE EXTENSION, on a server that has only what this one has."""
    available = frozenset(row[0] for row in session.rows(extensions.AVAILABLE))
    plan = extensions.plan(name, schema, available, environment, if_not_exists=if_not_exists)
    if plan.kind is PlanKind.UNKNOWN:
        pytest.skip(plan.note or "")
    guard = "if not exists " if if_not_exists else ""
    place = f' with schema "{schema}"' if schema else ""
    return _run(session, plan.sql or f'create extension {guard}"{name}"{place}')


def _stand_in(session: Session, name: str, schema: str | None = None) -> None:
    """The stand-in, also where the server has the real one."""
    plan = extensions.plan(name, schema, NOTHING, "postgres")
    assert plan.kind is PlanKind.STAND_IN
    assert plan.sql
    _run(session, plan.sql)


def test_a_real_extension_is_created_as_written() -> None:
    assert extensions.plan("hstore", "public", frozenset({"hstore"}), "supabase") == extensions.Plan(PlanKind.REAL)


def test_a_stand_in_says_so() -> None:
    plan = extensions.plan("pg_net", "extensions", NOTHING, "supabase")
    assert plan.kind is PlanKind.STAND_IN
    assert plan.note == "not on the throwaway server; its stand-in queues requests and never sends them"


@pytest.mark.parametrize(
    ("name", "lost"), [("hstore", "a column of its type cannot be made"), ("nonsense", "what needs it fails")]
)
def test_an_extension_nobody_has_is_a_notice(plain: Session, name: str, lost: str) -> None:
    plan = extensions.plan(name, None, NOTHING, "postgres")
    assert plan.kind is PlanKind.UNKNOWN
    assert plan.note == f"not on the throwaway server and without a stand-in: {lost}"
    assert plan.sql
    assert _run(plain, plan.sql) == [f"{name} is {plan.note}"]


@pytest.mark.parametrize(
    ("error", "name"),
    [
        (ServerError("0A000", "http stand-in of pgassay cannot send a request"), "http"),
        (ServerError("0A000", 'extension "uuid-ossp" is not available'), "uuid-ossp"),
        (ServerError("0A000", "cannot accept a value of type index_am_handler"), "btree_gist"),
        (ServerError("0A000", "cannot accept a value of type pg_ddl_command"), "pg_trgm"),
        (ServerError("0A000", "cannot accept a value of type trigger"), None),
        (ServerError("0A000", "cross-database references are not implemented"), None),
        (ServerError("P0001", "http stand-in of pgassay cannot send a request"), None),
    ],
)
def test_errors_that_say_more_about_the_server_than_the_statement(error: ServerError, name: str | None) -> None:
    assert extensions.limit_of_stand_in(error) == name


@pytest.mark.parametrize("name", MADE_BY_THE_MIGRATION_ROLE + PARKED)
def test_create_extension_works_once_and_is_skipped_after(session: Session, environment: str, name: str) -> None:
    skipped = f'extension "{name}" already exists, skipping'
    first = _create(session, name, environment=environment)
    assert (skipped in first) == (name in extensions.PREINSTALLED[environment])
    assert _create(session, name, "public", environment=environment) == [skipped]
    with pytest.raises(AssertionError, match=f'42710 extension "{name}" already exists'):
        _create(session, name, environment=environment, if_not_exists=False)


@pytest.mark.parametrize("name", MADE_BY_THE_MIGRATION_ROLE)
def test_a_stand_in_defines_no_function_with_its_owners_rights_and_marks_all(plain: Session, name: str) -> None:
    before = plain.rows("select oid from pg_proc")
    _stand_in(plain, name)
    made = plain.rows(
        "select prosecdef, proowner::regrole::text, obj_description(oid, 'pg_proc') from pg_proc where oid <> all (%s)",
        ([row[0] for row in before],),
    )
    assert set(made) == {(False, "postgres", extensions.mark(name))}


@pytest.mark.parametrize("name", ["uuid-ossp", "pgcrypto", "citext", "vector"])
def test_objects_are_where_the_statement_wants_them(plain: Session, name: str) -> None:
    _run(plain, 'create schema "Odd Place"')
    _create(plain, name, "Odd Place")
    assert plain.rows("select count(*) > 0 from pg_proc where pronamespace = '\"Odd Place\"'::regnamespace") == [
        (True,)
    ]
    assert plain.rows("select count(*) from pg_proc where pronamespace = 'public'::regnamespace") == [(0,)]


def test_without_a_schema_they_are_in_the_current_one(plain: Session) -> None:
    _run(plain, "create schema app; set search_path = app, public")
    _create(plain, "moddatetime")
    assert plain.rows("select to_regproc('app.moddatetime') is not null") == [(True,)]
    _run(plain, "set search_path = ''")
    with pytest.raises(AssertionError, match="3F000 no schema has been selected to create in"):
        _create(plain, "pg_jsonschema")


@pytest.mark.parametrize("name", ["pgjwt", "uuid-ossp", "pgcrypto"])
def test_stand_ins_share_a_schema_whoever_made_the_first(session: Session, environment: str, name: str) -> None:
    _run(session, "create schema if not exists extensions")
    for each in ("pgcrypto", "uuid-ossp", name):
        _create(session, each, "extensions", environment=environment)
    assert session.rows("select extensions.pgassay_sha1('') is not null") == [(True,)]


@pytest.mark.parametrize("type_name", ["citext", "vector"])
def test_a_type_does_not_resolve_before_its_extension_is_created(plain: Session, type_name: str) -> None:
    assert _refused(plain, f"create table t (a {type_name})").sqlstate == "42704"
    _create(plain, type_name)
    _run(plain, f"create table t (a {type_name}, b public.{type_name})")


def test_a_database_that_was_not_prepared_says_so(server: Embedded, database: str) -> None:
    with server.connect(database) as session:
        sql = extensions.plan("citext", None, NOTHING, "postgres").sql
        assert sql
        error = _refused(session, sql)
    assert extensions.limit_of_stand_in(error) == "citext"


@pytest.mark.parametrize("length", [0, 1, 55, 56, 63, 64, 65, 119, 120, 200])
@pytest.mark.parametrize("algorithm", ["md5", "sha1", "sha224", "sha256", "sha384", "sha512"])
def test_digests_are_the_real_ones(pgcrypto: Session, algorithm: str, length: int) -> None:
    data, key = bytes(range(length)), bytes(range(length))[::-1]
    assert pgcrypto.rows(
        "select digest(%(data)s::bytea, %(algorithm)s), hmac(%(data)s::bytea, %(key)s::bytea, %(algorithm)s)",
        {"data": data, "key": key, "algorithm": algorithm},
    ) == [(hashlib.new(algorithm, data).digest(), hmac.digest(key, data, algorithm))]


@pytest.fixture(scope="module")
def pgcrypto(server: Embedded, templates: dict[str, str]) -> Iterator[Session]:
    for session in _clone(server, templates["postgres"]):
        _stand_in(session, "pgcrypto")
        yield session


@pytest.mark.parametrize("salt", ["gen_salt('bf')", "gen_salt('bf', 10)", "gen_salt('md5')", "gen_salt('des')"])
def test_a_password_is_found_by_its_hash_and_no_other(pgcrypto: Session, salt: str) -> None:
    (stored,) = pgcrypto.rows(f"select crypt('secret', {salt})")[0]
    assert pgcrypto.rows("select crypt('secret', %(s)s) = %(s)s, crypt('Secret', %(s)s) = %(s)s", {"s": stored}) == [
        (True, False)
    ]
    assert pgcrypto.rows(f"select crypt('secret', {salt}) = %s", (stored,)) == [(False,)]


def test_a_blowfish_hash_looks_like_one(pgcrypto: Session) -> None:
    assert pgcrypto.rows("select crypt('secret', gen_salt('bf')) ~ '^\\$2a\\$06\\$[./A-Za-z0-9]{53}$'") == [(True,)]


def test_random_bytes_are_as_many_as_asked_for(pgcrypto: Session) -> None:
    assert pgcrypto.rows("select length(gen_random_bytes(33)), gen_random_bytes(16) = gen_random_bytes(16)") == [
        (33, False)
    ]
    assert "Length not in range" in _refused(pgcrypto, "select gen_random_bytes(0)").message


@pytest.mark.parametrize(
    "call", ["pgp_sym_encrypt('a', 'b')", "encrypt('a', 'b', 'aes')", "pgp_sym_decrypt('a'::bytea, 'b')"]
)
def test_ciphers_refuse(pgcrypto: Session, call: str) -> None:
    error = _refused(pgcrypto, f"select {call}")
    assert extensions.limit_of_stand_in(error) == "pgcrypto"
    assert error.message == f"pgcrypto stand-in of pgassay cannot run {call.split('(')[0]}()"


def test_uuids_are_those_of_the_standard(plain: Session) -> None:
    _stand_in(plain, "uuid-ossp")
    name = "www.example.com/ä"
    assert plain.rows(
        "select uuid_generate_v3(uuid_ns_dns(), %(n)s), uuid_generate_v5(uuid_ns_url(), %(n)s), uuid_nil()", {"n": name}
    ) == [(uuid.uuid3(uuid.NAMESPACE_DNS, name), uuid.uuid5(uuid.NAMESPACE_URL, name), uuid.UUID(int=0))]
    (timed, random) = plain.rows("select uuid_generate_v1(), uuid_generate_v4()")[0]
    now = plain.rows("select extract(epoch from now())::float8")[0][0]
    assert (timed.version, random.version) == (1, 4)
    assert timed.variant == random.variant == uuid.RFC_4122
    assert abs(timed.time / 1e7 - 12219292800 - now) < 60


def test_a_token_is_signed_and_verified(plain: Session) -> None:
    _stand_in(plain, "pgjwt")
    (token,) = plain.rows("""select sign('{"sub": "ann"}', 'secret')""")[0]
    signed, _, signature = token.rpartition(".")
    expected = hmac.digest(b"secret", signed.encode(), "sha256")
    assert base64.urlsafe_b64decode(signature + "=") == expected
    assert json.loads(base64.urlsafe_b64decode(signed.split(".")[0] + "==")) == {"alg": "HS256", "typ": "JWT"}
    assert plain.rows(
        "select payload ->> 'sub', valid from verify(%(t)s, 'secret')"
        " union all select payload ->> 'sub', valid from verify(%(t)s, 'other')",
        {"t": token},
    ) == [("ann", True), ("ann", False)]
    assert plain.rows("""select valid from verify(sign('{"exp": 1}', 's'), 's')""") == [(False,)]


def test_moddatetime_touches_its_column(plain: Session) -> None:
    _stand_in(plain, "moddatetime")
    _run(
        plain,
        "create table t (id int, a numeric(4, 2), updated_at timestamptz default '2000-01-01');"
        " create trigger touch before update on t for each row execute function moddatetime(updated_at);"
        " insert into t values (1, 1.5)",
    )
    _run(plain, "update t set id = 2")
    assert plain.rows("select id, a::text, updated_at > '2020-01-01' from t") == [(2, "1.50", True)]
    _run(plain, "alter table t rename updated_at to changed_at")
    assert 'has no attribute "updated_at"' in _refused(plain, "update t set id = 3").message


def test_citext_compares_without_case(plain: Session) -> None:
    _create(plain, "citext")
    _run(plain, "create table people (email citext primary key, name citext); create index on people using hash (name)")
    _run(plain, "insert into people values ('Ann@Example.org', 'Zoë'), ('bob@example.org', 'b')")
    assert _refused(plain, "insert into people values ('ann@EXAMPLE.ORG')").sqlstate == "23505"
    assert plain.rows("select email::text from people where email = 'ANN@example.org'") == [("Ann@Example.org",)]
    assert plain.rows("select count(*) from people where email like 'ANN%' and name ~ '^z'") == [(1,)]
    assert plain.rows("select min(name)::text, max(name)::text from people") == [("b", "Zoë")]
    assert plain.rows("select email::text from people order by name") == [("bob@example.org",), ("Ann@Example.org",)]
    _run(plain, "set enable_seqscan = off")
    assert plain.rows("select count(*) from people where email in ('BOB@example.org', 'x')") == [(1,)]


def test_similarity_is_that_of_trigrams(plain: Session) -> None:
    _create(plain, "pg_trgm")
    assert plain.rows("select show_trgm('Foo b')") == [(["  b", "  f", " b ", " fo", "foo", "oo "],)]
    assert plain.rows("select round(similarity('word', 'two words')::numeric, 4), 'word' % 'words', 'a' % 'b'")[0][
        1:
    ] == (
        True,
        False,
    )
    assert float(plain.rows("select similarity('word', 'two words')")[0][0]) == pytest.approx(4 / 11)


@pytest.mark.parametrize("index", ["gin (name gin_trgm_ops)", "gist (name gist_trgm_ops)"])
def test_a_trigram_index_can_be_built_and_hides_nothing(plain: Session, index: str) -> None:
    _create(plain, "pg_trgm")
    _run(
        plain,
        "create table t (id int, name text); insert into t select i, 'name ' || i from generate_series(1, 30) i;"
        f" insert into t values (0, null); create index on t using {index} where id > 0; set enable_seqscan = off;"
        " insert into t values (31, 'last name')",
    )
    assert plain.rows("select count(*) from t where name ilike '%%NAME 2%%' and id > 0") == [(11,)]
    assert plain.rows("select count(*) from t where id > 0") == [(31,)]


def test_an_exclude_constraint_on_a_plain_type_excludes(plain: Session) -> None:
    _create(plain, "btree_gist")
    _run(
        plain,
        "create table bookings (room uuid, guest int, during daterange,"
        " exclude using gist (room with =, during with &&), exclude using gist (guest with =, room with <>))",
    )
    first, second = uuid.uuid4(), uuid.uuid4()
    insert = "insert into bookings values ('{}', {}, '{}')"
    _run(plain, insert.format(first, 1, "[2026-01-01,2026-01-05)"))
    _run(plain, insert.format(first, 1, "[2026-01-05,2026-01-07)"))
    _run(plain, insert.format(second, 2, "[2026-01-01,2026-01-05)"))
    assert _refused(plain, insert.format(first, 3, "[2026-01-04,2026-01-06)")).sqlstate == "23P01"
    assert _refused(plain, insert.format(second, 1, "[2027-01-04,2027-01-06)")).sqlstate == "23P01"


def test_vectors_are_found(plain: Session) -> None:
    _create(plain, "vector")
    _run(
        plain,
        "create table t (id int, e vector(3)); create index on t using hnsw (e vector_l2_ops);"
        " insert into t values (1, '[1,2,3]'), (2, '[9,9,9]')",
    )
    assert plain.rows("select id from t order by e <-> '[8,8,8]' limit 1") == [(2,)]


def test_jobs_are_kept(plain: Session) -> None:
    _stand_in(plain, "pg_cron", "extensions")
    assert plain.rows("select cron.schedule('nightly', '0 3 * * *', 'vacuum')") == [(1,)]
    assert plain.rows("select cron.schedule('nightly', '30 seconds', 'select 1')") == [(1,)]
    assert plain.rows("select cron.schedule('*/5 * * * *', 'select 2')")[0][0] > 1
    assert plain.rows("select schedule, command, username from cron.job where jobname = 'nightly'") == [
        ("30 seconds", "select 1", "postgres")
    ]
    assert plain.rows("select cron.unschedule('nightly')") == [(True,)]
    assert (
        "could not find valid entry for job 'nightly'" in _refused(plain, "select cron.unschedule('nightly')").message
    )
    assert "invalid schedule" in _refused(plain, "select cron.schedule('often', 'every minute', 'select 1')").message


def test_requests_are_queued_and_not_sent(plain: Session) -> None:
    _stand_in(plain, "pg_net")
    assert plain.rows("""
        select net.http_post('https://example.org', '{"a": 1}'), net.http_get('https://example.org', '{"q": "a b"}'),
          net.http_delete(url => 'https://example.org')
    """) == [(1, 2, 3)]
    assert plain.rows("select method, url, convert_from(body, 'UTF8') from net.http_request_queue order by id") == [
        ("POST", "https://example.org", '{"a": 1}'),
        ("GET", "https://example.org?q=a%20b", None),
        ("DELETE", "https://example.org", None),
    ]
    assert plain.rows("select count(*) from net._http_response") == [(0,)]


def test_a_request_over_http_refuses(plain: Session) -> None:
    _stand_in(plain, "http")
    for call in ("http_get('https://example.org')", "http_post('https://example.org', '{}', 'application/json')"):
        assert extensions.limit_of_stand_in(_refused(plain, f"select status from {call}")) == "http"
    assert plain.rows("select urlencode('a b&ü'), (http_header('Accept', 'x')).field") == [("a%20b%26%C3%BC", "Accept")]


def test_reading_a_body_refuses(plain: Session) -> None:
    _stand_in(plain, "plpgsql_check")
    assert extensions.limit_of_stand_in(_refused(plain, "select plpgsql_check_function('now()')")) == "plpgsql_check"


def test_a_graphql_query_refuses(plain: Session) -> None:
    _stand_in(plain, "pg_graphql")
    assert extensions.limit_of_stand_in(_refused(plain, "select graphql.resolve('{ x }')")) == "pg_graphql"


@pytest.mark.parametrize(
    ("schema", "instance", "valid"),
    [
        ('{"type": "string", "maxLength": 4}', '"abcd"', True),
        ('{"type": "string", "maxLength": 4}', '"abcde"', False),
        ('{"type": ["integer", "null"]}', "1.5", False),
        ('{"type": "number", "minimum": 0, "exclusiveMaximum": 2}', "2", False),
        ('{"required": ["a"], "properties": {"a": {"enum": ["x", "y"]}}}', '{"a": "y"}', True),
        ('{"required": ["a"], "properties": {"a": {"enum": ["x", "y"]}}}', '{"a": "z"}', False),
        ('{"required": ["a"]}', '{"b": 1}', False),
        ('{"properties": {"a": true}, "additionalProperties": false}', '{"a": 1, "b": 2}', False),
        ('{"type": "array", "items": {"type": "integer"}, "uniqueItems": true}', "[1, 2]", True),
        ('{"type": "array", "items": {"type": "integer"}, "uniqueItems": true}', "[1, 1]", False),
        ('{"oneOf": [{"type": "string"}, {"pattern": "^a"}]}', '"b"', True),
        ('{"oneOf": [{"type": "string"}, {"pattern": "^a"}]}', '"a"', False),
        ('{"not": {"const": {"a": 1}}}', '{"a": 1}', False),
    ],
)
def test_documents_are_validated(jsonschema: Session, schema: str, instance: str, valid: bool) -> None:
    assert jsonschema.rows("select jsonb_matches_schema(%s, %s)", (schema, instance)) == [(valid,)]


def test_a_keyword_of_json_schema_that_is_not_known_refuses(jsonschema: Session) -> None:
    error = _refused(jsonschema, """select json_matches_schema('{"$ref": "#/a"}', '1')""")
    assert error.message == 'pg_jsonschema stand-in of pgassay cannot validate the keyword "$ref"'


@pytest.fixture(scope="module")
def jsonschema(server: Embedded, templates: dict[str, str]) -> Iterator[Session]:
    for session in _clone(server, templates["postgres"]):
        _stand_in(session, "pg_jsonschema")
        yield session


def test_a_queue_hands_out_its_messages(plain: Session) -> None:
    _stand_in(plain, "pgmq")
    _run(plain, "select pgmq.create('jobs')")
    assert plain.rows("""select pgmq.send('jobs', '{"n": 1}'), pgmq.send('jobs', '{"n": 2}', 60)""") == [(1, 2)]
    assert plain.rows("""select * from pgmq.send_batch('jobs', array['{"n": 3}', '{"n": 4}']::jsonb[])""") == [
        (3,),
        (4,),
    ]
    assert plain.rows("select msg_id, read_ct, message ->> 'n' from pgmq.read('jobs', 30, 2)") == [
        (1, 1, "1"),
        (3, 1, "3"),
    ]
    assert plain.rows("select msg_id from pgmq.pop('jobs')") == [(4,)]
    assert plain.rows("select msg_id from pgmq.read('jobs', 30, 2)") == []
    assert plain.rows("select pgmq.archive('jobs', 1), pgmq.delete('jobs', 3), pgmq.delete('jobs', 99)") == [
        (True, True, False)
    ]
    assert plain.rows("select msg_id from pgmq.a_jobs") == [(1,)]
    assert plain.rows("select queue_length, total_messages, queue_visible_length from pgmq.metrics('jobs')") == [
        (1, 4, 0)
    ]
    assert plain.rows("select queue_name from pgmq.list_queues()") == [("jobs",)]
    assert plain.rows("select pgmq.purge_queue('jobs'), pgmq.drop_queue('jobs'), pgmq.drop_queue('jobs')") == [
        (1, True, False)
    ]


def test_statistics_are_there_and_empty(plain: Session) -> None:
    _stand_in(plain, "pg_stat_statements")
    assert plain.rows("select query, calls, total_exec_time from pg_stat_statements") == []


def test_secrets_work_outside_supabase_too(plain: Session) -> None:
    _stand_in(plain, "supabase_vault")
    plain.rows("select vault.create_secret('s3cret', 'key')")
    assert plain.rows("select name, decrypted_secret from vault.decrypted_secrets") == [("key", "s3cret")]
