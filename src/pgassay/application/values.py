"""What is known of a value in the code, in whichever language: the language modules make these, the others read them.

Offsets are bytes of the file.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

HOLE = "\0"
"""Stands in a text for a part that is not known, such as `${id}`."""


class Text(Struct, frozen=True):
    """`pieces` say where parts of the text stand: offset in the text, in characters, and offset in the file."""

    text: str
    pieces: tuple[tuple[int, int], ...]
    end: int

    def at(self, offset: int) -> int:
        """Where a character of the text stands in the file."""
        start, byte = next((piece for piece in reversed(self.pieces) if piece[0] <= offset), self.pieces[0])
        return byte + len(self.text[start:offset].encode(errors="replace"))

    @property
    def is_whole(self) -> bool:
        return HOLE not in self.text

    @property
    def start(self) -> int:
        return self.pieces[0][1]


class Field(Struct, frozen=True):
    name: str
    start: int
    end: int
    value: Value = None


class Row(Struct, frozen=True):
    """An object with named fields. `complete` is false when it may have more, or lack some, of them."""

    fields: tuple[Field, ...]
    complete: bool = True

    def get(self, *names: str) -> Value:
        return next((field.value for field in self.fields if field.name in names), None)


class Many(Struct, frozen=True):
    items: tuple[Value, ...]
    complete: bool = True


class Either(Struct, frozen=True):
    """One of these, by a condition."""

    items: tuple[Value, ...]


Value = Text | Row | Many | Either | None
"""None is a value of which nothing is known."""


class Call(Struct, frozen=True):
    """One method call. `start` and `end` are those of the method's name."""

    name: str
    start: int
    end: int
    arguments: tuple[Value, ...] = ()
    keywords: Row = Row(())


class Chain(Struct, frozen=True):
    """`supabase.from("x").select("y")`: the call that begins it and those that follow on its result.

    `schema` is that of `.schema("x")` before it, `schema_known` is false when that is no literal.
    """

    calls: tuple[Call, ...]
    schema: str | None = None
    schema_known: bool = True


def moved(value: Value, start: int, end: int) -> Value:
    """A value from elsewhere as if its texts stood at one place of this file."""
    match value:
        case Text():
            return Text(value.text, ((0, start),), end)
        case Row():
            return Row(
                tuple(Field(each.name, start, end, moved(each.value, start, end)) for each in value.fields),
                value.complete,
            )
        case Many():
            return Many(tuple(moved(item, start, end) for item in value.items), value.complete)
        case Either():
            return Either(tuple(moved(item, start, end) for item in value.items))
    return None


def texts(value: Value) -> Iterator[Text]:
    """The texts that the value can be."""
    match value:
        case Text():
            yield value
        case Either(items):
            for item in items:
                yield from texts(item)


def rows(value: Value) -> Iterator[Row]:
    """The rows in one value: an object, an array of objects."""
    match value:
        case Row():
            yield value
        case Many(items) | Either(items):
            for item in items:
                yield from rows(item)


def is_known(value: Value) -> bool:
    """Whether all rows in it are known."""
    match value:
        case Row():
            return True
        case Many(items, complete):
            return complete and all(map(is_known, items))
        case Either(items):
            return all(map(is_known, items))
    return False
