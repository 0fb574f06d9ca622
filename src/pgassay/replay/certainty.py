"""Whether what the server says of a PL/pgSQL body holds in production as well.

The throwaway server has not everything that production has: extensions that somebody switched on by hand, what services
of Supabase make, the search path of whoever calls. What may come from there is no finding.
"""

from __future__ import annotations

import re

from pgassay.postgres.look import look
from pgassay.postgres.session import Session
from pgassay.replay.body_errors import Function, Said
from pgassay.sql import grammar
from pgassay.sql.grammar import GrammarError
from pgassay.sql.plpgsql import relations, variables

# Of extensions and services: the throwaway server need not have all that production has there.
FOREIGN = frozenset(
    "auth storage realtime vault cron net pgmq graphql graphql_public extensions supabase_functions pgsodium "
    "information_schema pg_catalog".split()
)
_WORDS = {
    "42P01": r'relation "(?P<relation>[^"]+)" does not exist',
    "42703": r'column .+ does not exist|record "(?:new|old)" has no field .+',
    "42883": r"(?:function|procedure) (?P<function>.+)\(.*\) does not exist|operator does not exist: .+",
    "42702": r'column reference "[^"]+" is ambiguous',
    "42P10": r"there is no unique or exclusion constraint matching .+",
    "42804": r'column "[^"]+" is of type .+ but expression is of type .+|structure of query does not match .+',
    "42601": r"INSERT has more .+",
    "22P02": r"invalid input value for enum .+",
    "3F000": r'schema "(?P<schema>[^"]+)" does not exist',
    "42704": r'type "(?P<type>[^"]+)" does not exist',
}
_OF_TYPES = frozenset({"42883", "42804"})
# What a half-known schema still tells.
_OF_COLUMNS = frozenset({"42703", "42702", "42P10", "22P02"})
_KNOWN = re.compile(r"\bauth\.(?:uid|jwt|role|email)\s*\(\s*\)|\b(?:pg_catalog|extensions)\.\w+", re.I)
_FOREIGN_NAME = re.compile(rf'(?<![\w.])"?(?:{"|".join(sorted(FOREIGN))})"?\s*\.|\bpg_stat_', re.I)
_OF_EXTENSIONS = re.compile(
    r"(?:word_|strict_word_)?similarity|show_trgm|(?:immutable_|f_)?unaccent|crypt|gen_salt|gen_random_bytes|digest|hmac|"
    r"(?:en|de)crypt.*|pgp_.*|armor|dearmor|uuid_.*|st_.*|_st_.*|postgis.*|http.*|urlencode|levenshtein.*|soundex|"
    r"d?metaphone.*|daitch_.*|difference|hstore.*|akeys|avals|skeys|svals|each|slice|nlevel|subpath|subltree|lca|"
    r"text2ltree|ltree2text|earth.*|ll_to_earth|latitude|longitude|cube.*|.*_distance|inner_product|vector_.*|l2_.*|"
    r"crosstab.*|connectby|dblink.*|sign|verify|url_encode|url_decode|json_matches_schema|jsonb_matches_schema|"
    r"moddatetime|cron_.*|pgmq_.*|bm25.*|paradedb.*|time_bucket.*|h3_.*|intset|idx|sort.*|uniq|index_advisor|hypopg.*",
    re.I,
)
_PLAIN_OPERATORS = frozenset("= <> != < > <= >= + - * / % || ~~ !~~ ~~* -> ->> @> <@ && ? #>> #>".split())
_FUNCTIONS = """
select n.nspname::text, obj_description(p.oid, 'pg_proc') like 'stand-in of pgassay%%'
from pg_proc p join pg_namespace n on n.oid = p.pronamespace where p.proname = %s
"""
_ANYWHERE = {
    "relation": "select 1 from pg_class where relname = %s",
    "type": "select 1 from pg_type where typname = %s",
    "schema": "select 1 from pg_namespace where nspname = %s",
}


class Certainty:
    """About the body of one function. `broken` is the text of statements that failed, in lower case, if any did."""

    def __init__(self, session: Session, function: Function, broken: str | None, *, blind: bool) -> None:
        self._session = session
        self._function = function
        self._broken = broken
        self._blind = blind
        self._records = variables(function.body).unclear
        path = {part.strip().strip('"') for part in (function.path or "").split(",")}
        self._sees_foreign = bool(path & (FOREIGN - {"extensions", "pg_catalog"}))

    def of(self, said: Said) -> bool:
        words = re.fullmatch(_WORDS.get(said.sqlstate, "(?!)"), said.message, re.S)
        if words is None or self._sees_foreign:
            return False
        if _FOREIGN_NAME.search(f"{_KNOWN.sub('', said.query)} {said.message} {said.table or ''}"):
            return False
        if said.sqlstate in _OF_TYPES and self._mentions_a_record(said.query):
            return False
        if self._broken is not None and not self._is_untouched(said, self._broken):
            return False
        if said.sqlstate == "42883":
            return self._is_no_call(words["function"], said.message)
        for kind, query in _ANYWHERE.items():
            if name := words.groupdict().get(kind):
                return not self._may_be(name, query)
        return True

    def _mentions_a_record(self, query: str) -> bool:
        return any(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", query, re.I) for name in self._records if name)

    def _is_untouched(self, said: Said, broken: str) -> bool:
        """Some statements failed: only what is about tables that none of those speaks of."""
        if said.sqlstate not in _OF_COLUMNS:
            return False
        if not said.query:
            return said.table is not None and not speaks_of(broken, said.table)
        try:
            found = [name for each in grammar.parse(said.query) for _, name, _ in relations(each.tree)]
        except GrammarError:
            return False
        return not any(speaks_of(broken, name) for name in found)

    def _may_be(self, name: str, query: str) -> bool:
        """With a search path of its own a function finds what the server has found, and no more."""
        if self._blind and "pg_type" in query:
            return True
        bare = name.rpartition(".")[2]
        return self._function.path is None and "." not in name and bool(look(self._session, query, (bare,)))

    def _is_no_call(self, name: str | None, message: str) -> bool:
        if name is None:
            operator = message.split(": ", 1)[1].split()
            return not self._blind and any(part in _PLAIN_OPERATORS for part in operator)
        bare = name.rpartition(".")[2].strip('"')
        there = look(self._session, _FUNCTIONS, (bare,))
        if not there:
            return not self._blind and not _OF_EXTENSIONS.fullmatch(bare)
        if any(is_stand_in for _, is_stand_in in there):
            return False
        return self._function.path is not None or any(schema in ("public", "pg_catalog") for schema, _ in there)


def speaks_of(text: str, relation: str) -> bool:
    """Whether SQL in lower case has this name in it."""
    return re.search(rf"\b{re.escape(relation.rpartition('.')[2].lower())}\b", text) is not None
