"""Columns whose name says that they hold what is nobody else's business. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

_PERSONAL = re.compile(
    r"(.*_)?(e?mail(_address)?|phone(_number)?|mobile|address|street|birth(day|date|_date)|date_of_birth|dob|ssn|tax_id|iban"
    r"|passport(_number)?|password(_hash)?|.*token|.*secret|api_?key|private_?key|nsec|salary|ip_address)",
    re.I,
)


def personal(columns: Iterable[str]) -> tuple[str, ...]:
    return tuple(column for column in columns if _PERSONAL.fullmatch(column))
