"""Bytes of a migration file -> its text, or one sentence that says why it has none."""

from __future__ import annotations

import codecs

from msgspec import Struct

MEGABYTE = 1024 * 1024
LARGEST = 32 * MEGABYTE
TOO_LARGE = f"is larger than the {LARGEST // MEGABYTE} MB that pgassay reads"
_LFS_POINTER = b"version https://git-lfs.github.com/spec/"


class Decoded(Struct, frozen=True):
    """Without its byte order mark; line ends as they are. `text` is empty when `unreadable` says why."""

    text: str
    unreadable: str | None = None


def decode(data: bytes) -> Decoded:
    """UTF-8 with or without a byte order mark, or UTF-16 with one: what editors and Windows PowerShell write."""
    if len(data) > LARGEST:
        return Decoded("", TOO_LARGE)
    if data.startswith(_LFS_POINTER):
        return Decoded("", "is a Git LFS pointer, its text is not here: run git lfs pull")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            text = data.decode("utf-16")
        except UnicodeDecodeError:
            return Decoded("", "is not UTF-16 text, although it begins with the byte order mark of UTF-16")
        return _without_nul(text)
    if b"\0" in data:
        return _without_nul("\0")
    try:
        return Decoded(data.decode("utf-8-sig"))
    except UnicodeDecodeError as problem:
        # utf-8-sig counts from behind the byte order mark.
        start = problem.start + len(data) - len(problem.object)
        line = data.count(b"\n", 0, start) + 1
        return Decoded("", f"is not UTF-8 text: byte 0x{data[start]:02x} at line {line}")


def _without_nul(text: str) -> Decoded:
    return Decoded("", "holds NUL bytes, so it is not a text file") if "\0" in text else Decoded(text)
