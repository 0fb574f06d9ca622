from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgassay.history.text import decode

SQL = "create table größen (name text); -- 尺寸\n"


@pytest.mark.parametrize(
    "data",
    [
        SQL.encode(),
        codecs.BOM_UTF8 + SQL.encode(),
        codecs.BOM_UTF16_LE + SQL.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + SQL.encode("utf-16-be"),
    ],
    ids=["utf-8", "utf-8 with mark", "utf-16 little endian", "utf-16 big endian"],
)
def test_every_encoding_that_editors_write_gives_the_same_text(data: bytes) -> None:
    assert decode(data).text == SQL
    assert decode(data).unreadable is None


def test_crlf_stays() -> None:
    assert decode(b"select 1;\r\nselect 2;\r\n").text == "select 1;\r\nselect 2;\r\n"


@pytest.mark.parametrize("text", ["", "-- nothing yet\n"])
def test_a_file_without_statements_is_readable(text: str) -> None:
    assert decode(text.encode()).text == text
    assert decode(text.encode()).unreadable is None


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"select 1;\n-- fine\nselect '\xff';\n", "is not UTF-8 text: byte 0xff at line 3"),
        (codecs.BOM_UTF8 + b"\n\n-- caf\xe9\n", "is not UTF-8 text: byte 0xe9 at line 3"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "holds NUL bytes, so it is not a text file"),
        ("select 1;".encode("utf-16-le"), "holds NUL bytes, so it is not a text file"),
        (codecs.BOM_UTF16_LE + "a\0b".encode("utf-16-le"), "holds NUL bytes, so it is not a text file"),
        (codecs.BOM_UTF16_LE + b"a", "is not UTF-16 text, although it begins with the byte order mark of UTF-16"),
        (
            b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n",
            "is a Git LFS pointer, its text is not here: run git lfs pull",
        ),
    ],
)
def test_a_file_without_text_says_why(data: bytes, sentence: str) -> None:
    assert decode(data).unreadable == sentence
    assert decode(data).text == ""


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0")), st.sampled_from(["utf-8-sig", "utf-16"]))
def test_text_survives_its_encoding(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)).text == text


@given(st.binary())
def test_any_bytes_are_either_text_or_have_a_reason(data: bytes) -> None:
    decoded = decode(data)
    assert decoded.unreadable is None or decoded.text == ""
    assert "\0" not in decoded.text
