"""What one file has from another: names of tables as constants, and functions that take the name of a table."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterator, Mapping

from msgspec import Struct

_SCRIPTS = (".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs")
_ALIAS = re.compile(r"^(?:@|~|#|\$lib|src)/")
_IMPORT = re.compile(
    rb"\bimport\s+(?:type\s+)?(?:[\w$]+\s*,\s*)?\{(?P<names>[^{}]*)\}\s*from\s*([\"'])(?P<module>[^\"'\n]+)\2"
)
_NAME = re.compile(r"\s*(?:type\s+)?([\w$]+)(?:\s+as\s+([\w$]+))?\s*")


class Want(Struct, frozen=True, array_like=True):
    """`local` is the name of `name` from `module` in this file; `name` may be `default` or `*`."""

    local: str
    module: str
    name: str


class Wrapper(Struct, frozen=True, array_like=True):
    """An exported function that gives its argument at `position` to `from` or `rpc`, which is `method`."""

    name: str
    position: int
    method: str
    schema: str | None = None


class Links(Struct, frozen=True, array_like=True):
    """What a file needs from others to be understood, and what it has for them."""

    wants: tuple[Want, ...] = ()
    wrappers: tuple[Wrapper, ...] = ()


class Given(Struct, frozen=True, array_like=True):
    """What other files have for one: wants whose `module` is a path by now, and wrappers by their name in that file."""

    wants: tuple[Want, ...] = ()
    wrappers: tuple[Wrapper, ...] = ()


def resolved(module: str, importer: str, paths: Collection[str]) -> str | None:
    """The file that an import means, out of `paths`. An alias such as `@/` is looked for in the folders around."""
    if module.startswith("."):
        return _existing(posixpath.normpath(posixpath.join(posixpath.dirname(importer), module)), paths)
    alias = _ALIAS.match(module)
    if alias is None:
        return None
    rest = module[alias.end() :]
    folder = posixpath.dirname(importer)
    while True:
        for inside in ("src", "", "app", "src/lib"):
            if found := _existing(posixpath.normpath(posixpath.join(folder, inside, rest)), paths):
                return found
        if not folder:
            return None
        folder = posixpath.dirname(folder)


def _existing(base: str, paths: Collection[str]) -> str | None:
    stem, suffix = posixpath.splitext(base)
    if suffix in _SCRIPTS:
        # `./a.js` may be written for `a.ts`.
        return next((path for path in (base, f"{stem}.ts", f"{stem}.tsx") if path in paths), None)
    ends = (*_SCRIPTS, *(f"/index{end}" for end in _SCRIPTS))
    return next((path for end in ends if (path := base + end) in paths), None)


def imported(data: bytes) -> Iterator[tuple[str, str, str]]:
    """Module, name there and name here of every named import. By the text: most files are not parsed for this."""
    for found in _IMPORT.finditer(data):
        for part in found["names"].decode(errors="replace").split(","):
            if name := _NAME.fullmatch(part):
                yield found["module"].decode(errors="replace"), name[1], name[2] or name[1]


def linked(links: Mapping[str, Links], paths: Collection[str]) -> dict[str, Given]:
    """By file, the constants that it asks for."""
    known = frozenset(paths)
    found: dict[str, Given] = {}
    for path, each in links.items():
        there = ((want, resolved(want.module, path, known)) for want in each.wants)
        wants = tuple(Want(want.local, module, want.name) for want, module in there if module and module != path)
        if wants:
            found[path] = Given(wants)
    return found


def callers(
    path: str, data: bytes, exported: Mapping[str, Mapping[str, Wrapper]], paths: Collection[str]
) -> tuple[Wrapper, ...]:
    """The wrappers that a file imports; `exported` has them by file and name."""
    found = []
    for module, name, local in imported(data):
        there = resolved(module, path, paths)
        wrapper = exported.get(there, {}).get(name) if there else None
        if wrapper:
            found.append(Wrapper(local, wrapper.position, wrapper.method, wrapper.schema))
    return tuple(found)
