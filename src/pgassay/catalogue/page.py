"""A rule's page: front matter, title, quote, prose and examples. Reading refuses whatever is not complete."""

from __future__ import annotations

import re
from typing import Any, Literal

import msgspec
import yaml
from msgspec import Struct

from pgassay.errors import CatalogueError
from pgassay.model import Example, Stage

_FRONT = re.compile(r"\A---\n(.*?)\n---\n", re.S)
_TITLE = re.compile(r"^# (.+)$", re.M)
_QUOTE = re.compile(r"^(?:>.*\n?)+", re.M)
_FENCE = re.compile(r"^```(\w+)[ \t]+(\S+)[ \t]*\n(.*?)^```[ \t]*$", re.M | re.S)
_MARKED = re.compile(r"(?:--|//|#) flagged")
_KINDS = ("base", "bad", "good")
_LABEL = re.compile(r"^(Seen|Instead):\s*")


Chosen = Literal["error", "warning", "note", "off"]


class FrontMatter(Struct, frozen=True, forbid_unknown_fields=True):
    """`severity_when_run_once` is for folders whose runner runs each file exactly once.

    `strict` is the severity under that preset. `advisor` names the lint of Supabase's database advisors that the page
    covers, several with commas, as `yields_to` names rules. `every_preset` marks what concerns applying at all.
    `settings` hold for the examples.
    """

    stage: Stage
    severity: Chosen
    since: str
    severity_when_run_once: Chosen | None = None
    strict: Chosen | None = None
    advisor: str | None = None
    every_preset: Literal["true"] | None = None
    hazard: str | None = None
    yields: Literal["true"] | None = None
    yields_to: str | None = None
    only_new: Literal["true"] | None = None
    environment: Literal["supabase", "postgres"] = "supabase"
    layout: Literal["supabase", "plain"] = "supabase"
    settings: dict[str, Any] = {}


class Page(Struct, frozen=True):
    """`message`, `seen` and `instead` are templates, one line each per sentence that may be left out."""

    front: FrontMatter
    title: str
    message: str
    seen: str | None
    instead: str | None
    examples: tuple[Example, ...]


def read_page(text: str, path: str) -> Page:
    """Raises CatalogueError with the file and what is missing."""
    front, begin = _front_matter(text, path)
    title = _TITLE.search(text, begin)
    if not title:
        raise CatalogueError(f"{path}: no title; begin the text with `# Name of the rule`.")
    quote = _QUOTE.search(text, title.end())
    if not quote:
        raise CatalogueError(
            f"{path}: no quote; put what the reviewer says under the title as `> Message with `{{fact}}`.`"
        )
    message, seen, instead = _labelled(quote[0])
    if not message:
        raise CatalogueError(f"{path}: the quote has no message before `Seen:` and `Instead:`.")
    return Page(front, title[1].strip(), message, seen, instead, tuple(_examples(text, path)))


def _examples(text: str, path: str) -> list[Example]:
    examples = []
    for found in _FENCE.finditer(text):
        example = Example(found[2], found[1], found[3], text.count("\n", 0, found.start(3)) + 1)
        if example.kind not in _KINDS:
            raise CatalogueError(
                f"{path}:{example.line - 1}: an example is base, bad or good, this one is {example.kind}; correct it."
            )
        if example.kind == "bad" and not _MARKED.search(example.text):
            raise CatalogueError(
                f"{path}:{example.line - 1}: a bad example without a line to report; end that line with `-- flagged`."
            )
        examples.append(example)
    for kind in ("bad", "good"):
        if not any(example.kind == kind for example in examples):
            raise CatalogueError(f"{path}: no {kind} example; add a fenced block that begins with ```sql {kind}.")
    return examples


def _front_matter(text: str, path: str) -> tuple[FrontMatter, int]:
    """The second value is where the text begins."""
    found = _FRONT.match(text)
    if not found:
        raise CatalogueError(
            f"{path}: no front matter; begin the file with `---`, `stage`, `severity`, `since`, `---`."
        )
    try:
        values: Any = yaml.load(found[1], Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        # YAML reads `off` as false and 0.1 as a number; both are words here.
        if isinstance(values, dict):
            values = {key: _word(value) for key, value in values.items()}
        return msgspec.convert(values, FrontMatter), found.end()
    except (yaml.YAMLError, msgspec.ValidationError) as error:
        reason = str(error).splitlines()[0]
        raise CatalogueError(f"{path}: front matter: {reason}; see the table in CONTRIBUTING.md.") from None


def _word(value: object) -> object:
    if isinstance(value, bool):
        return "true" if value else "off"
    return str(value) if isinstance(value, (int, float)) else value


def _labelled(quote: str) -> tuple[str, str | None, str | None]:
    """Paragraphs of the quote by their label; the first one has none."""
    texts: dict[str, list[str]] = {"": [], "Seen": [], "Instead": []}
    label = ""
    for raw in quote.splitlines():
        line = raw.removeprefix(">").strip()
        found = _LABEL.match(line)
        if found:
            label, line = found[1], line[found.end() :]
        if line:
            texts[label].append(line)
    message, seen, instead = ("\n".join(lines) for lines in texts.values())
    return message, seen or None, instead or None
