"""Values that a column may take, most ordinary first, as PostgreSQL would read them. Pure.

Nothing here decides: the server judges every candidate with the constraint itself.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Iterator

from pgassay.proofs.facts import Column
from pgassay.proofs.patterns import matching

_STRINGS = re.compile(r"'((?:[^']|'')*)'")
_NUMBERS = re.compile(r"(?<![\w.'])-?\d+(?:\.\d+)?(?![\w'])")
_REGEX = re.compile(r"~\*?\s*\(?'((?:[^']|'')*)'")
_LONGEST = 5_000
_MANY = 24
# Whoever has one of these sees more than others do, or is seen by them, and would make every policy look open.
_POWERFUL = re.compile(r"admin|super|root|staff|moderator|system|service|publi|share", re.I)
_COMMON = (
    *("a@example.com", "https://example.com/a", "a-b", "abc", "USD", "US", "en", "en-US", "+15550100001", "#aabbcc"),
    *("12:30", "2030-01-01", "00000", "1.0.0", "192.0.2.1", "user_a", "A1", "a", "UTC"),
)
_KEY = re.compile(r"(?:^|_)(?:id|uid|uuid)$|[a-z](?:Id|ID|Uuid|UUID)$")
_VECTOR = re.compile(r"(?:\w+\.)?(?:half)?vec(?:tor)?\((\d+)\)")
_LONG = 1_000
_HIGHEST = {
    "boolean": ("true",),
    "smallint": ("32767",),
    "integer": ("1000000",),
    "bigint": ("5000000000", "1000000"),
    "numeric": ("123456789.987654321", "100"),
    "real": ("16777216.5", "1.5", "1"),
    "double precision": ("123456789.987654", "1.5", "1"),
    "date": ("2099-12-31",),
    "timestamp without time zone": ("2099-12-31 23:59:59.999",),
    "timestamp with time zone": ("2099-12-31 23:59:59.999+00",),
    "json": ('{"a": null}', "[1]"),
    "jsonb": ('{"a": null}', "[1]"),
}
_LOWEST = {
    "boolean": ("false",),
    "smallint": ("-1", "0"),
    "integer": ("-1", "0"),
    "bigint": ("-1", "0"),
    "numeric": ("-0.5", "0", "0.5"),
    "real": ("-0.5", "0"),
    "double precision": ("-0.5", "0"),
    "date": ("1970-01-01",),
    "timestamp without time zone": ("1970-01-01 00:00",),
    "timestamp with time zone": ("1970-01-01 00:00+00",),
    "json": ("null", "[]"),
    "jsonb": ("null", "[]"),
}
_FIXED = {
    "boolean": ("false", "true"),
    "time without time zone": ("12:00", "13:00"),
    "time with time zone": ("12:00+00", "13:00+00"),
    "interval": ("1 hour", "0"),
    "json": ("{}", "[]"),
    "jsonb": ("{}", "[]"),
    "bytea": (r"\x00", r"\x" + "00" * 32),
    "inet": ("192.0.2.1",),
    "cidr": ("192.0.2.0/24",),
    "macaddr": ("08:00:2b:01:02:03",),
    "point": ("(0,0)",),
    "xml": ("<a/>",),
    "tsvector": ("a",),
    "tsquery": ("a",),
    "bit": ("0",),
    "hstore": ('"a"=>"b"',),
}

_DAYS = {
    "date": "{}",
    "timestamp without time zone": "{} 12:00",
    "timestamp with time zone": "{} 12:00+00",
}


def ordinary(column: Column, user: str, place: str) -> tuple[str, ...]:
    """Values that differ from letter to letter where the type has that many. `place` tells the table."""
    number = ord(user) - ord("a") + 1
    if column.labels:
        return _tame_first(column.labels)
    if column.base == "uuid":
        return (_uuid(column.name, user, place),)
    if column.base in _DAYS:
        day = f"2030-01-{number:02}"
        return tuple(_DAYS[column.base].format(each) for each in (day, "2020-01-01", "2030-02-01"))
    if column.base in _FIXED:
        return _FIXED[column.base]
    if size := _VECTOR.fullmatch(column.type):
        return ("[" + ",".join(["0.5"] * int(size[1])) + "]",)
    match column.category:
        case "N":
            return str(number), str(90_000 + number), "0", "100"
        case "A":
            return ("{}", "{1}", "{a}")
        case "R":
            return ("empty",)
        case "S":
            texts = _texts(column.name, user, place)
            return tuple(text[: column.length] if column.length else text for text in texts)
    return ("", "0", "{}", "a")


def is_known(column: Column) -> bool:
    """Whether `ordinary` has more than guesses."""
    known = column.labels or column.base in ("uuid", *_FIXED, *_DAYS) or column.category in tuple("NSAR")
    return bool(known) or _VECTOR.fullmatch(column.type) is not None


def extreme(column: Column, high: bool) -> tuple[str, ...]:
    """Values at one end of what the type takes, and beyond what a smaller type would."""
    if column.labels:
        return (column.labels[-1 if high else 0],)
    number = re.match(r"numeric\((\d+),(\d+)\)", column.type)
    if number:
        whole, decimals = max(int(number[1]) - int(number[2]), 0), int(number[2])
        largest = f"{'9' * whole or '0'}.{'9' * decimals or '0'}"
        return (largest,) if high else (f"-{largest}", "0")
    found = (_HIGHEST if high else _LOWEST).get(column.base)
    if found:
        return found
    match column.category:
        case "S":
            return ("x" * min(column.length or _LONG, _LONG),) if high else ("",)
        case "A":
            return () if high else ("{}",)
    return ()


def _uuid(name: str, user: str, place: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{place}.{name}.{user}"))


def _texts(name: str, user: str, place: str) -> Iterator[str]:
    if _KEY.search(name):
        yield _uuid(name, user, place)
    if "mail" in name.lower():
        yield f"{user}@example.com"
    if "url" in name.lower():
        yield f"https://example.com/{user}"
    yield f"{user}-{name}".lower()
    yield user


def suggested(column: Column, expressions: Iterable[str], user: str) -> tuple[str, ...]:
    """Values that the text of constraints brings up: their literals, lengths, and what their patterns match."""
    found: dict[str, None] = {}
    for text in expressions:
        strings = [literal.replace("''", "'") for literal in _STRINGS.findall(text)]
        numbers = _NUMBERS.findall(_STRINGS.sub("''", text))
        patterns = [literal.replace("''", "'") for literal in _REGEX.findall(text)]
        if column.category == "S":
            found.update(dict.fromkeys(m for pattern in patterns for m in matching(pattern, user)))
            found.update(dict.fromkeys(_tame_first(tuple(s for s in strings if s not in patterns))))
            lengths = [int(float(number)) for number in numbers]
            found.update({user * n: None for n in lengths if 0 < n <= _LONGEST})
            found.update({"0" * (n - 1) + str(ord(user) % 32 % 10): None for n in lengths if 0 < n <= _LONGEST})
        elif column.category == "N":
            for number in numbers:
                value = float(number)
                found.update({_plain(value + step): None for step in (0, 1, -1)})
        elif column.category == "D":
            found.update(dict.fromkeys(s for s in strings if re.match(r"\d{4}-\d\d-\d\d", s)))
        elif column.category == "A":
            found.update({"{" + ",".join(f'"{s}"' for s in strings[:1]) + "}": None})
    if column.category == "S":
        found.update(dict.fromkeys(_COMMON))
    values = [value for value in found if column.length is None or len(value) <= column.length]
    return tuple(values[:_MANY])


def _plain(value: float) -> str:
    return str(int(value)) if value == int(value) else str(value)


def _tame_first(labels: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(labels, key=lambda label: bool(_POWERFUL.search(label))))
