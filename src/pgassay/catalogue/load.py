"""From folders of pages and checks to rules. A rule that is not complete does not load."""

from __future__ import annotations

import ast
import importlib.util
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from pgassay.catalogue.page import Page, read_page
from pgassay.catalogue.query import compile_query
from pgassay.catalogue.words import facts_in
from pgassay.errors import CatalogueError, PgassayError
from pgassay.model import Match, Rule, Severity, Stage, Strength

_NOT_FACTS = frozenset({"at", "subject", "label", "edit", "related", "reproduction"})
_PAGES = "https://github.com/pgassay/pgassay/blob/v1/rules"


def builtin_folder() -> Path:
    """`rules/` inside the installed package, or at the top of the checkout."""
    inside = Path(__file__).parent.parent / "rules"
    return inside if inside.is_dir() else Path(__file__).parents[3] / "rules"


def builtin_rules() -> tuple[Rule, ...]:
    return load_folder(builtin_folder(), pages_url=_PAGES)


def load_folder(folder: Path, *, pages_url: str | None = None) -> tuple[Rule, ...]:
    """Rules of one folder, sorted by group and id. The group is the name of the folder that a page lies in.

    Raises CatalogueError for a page without a check, a check without a page, an incomplete page, a fact in the quote
    that the check never gives, an id that stands twice, or no rules at all.
    """
    if not folder.is_dir():
        raise CatalogueError(f"{folder}: no such folder of rules; check `custom_rules` in pgassay.toml.")
    pages = sorted(path for path in folder.rglob("*.md") if path.name != "README.md")
    for check in sorted([*folder.rglob("*.py"), *folder.rglob("*.sql")]):
        if "__pycache__" not in check.parts and not check.with_suffix(".md").exists():
            raise CatalogueError(f"{check}: a check without a page; write {check.with_suffix('.md').name} beside it.")
    if not pages:
        raise CatalogueError(f"{folder}: holds no rules; a rule is a page NAME.md with its check beside it.")
    rules: dict[str, Rule] = {}
    for page in pages:
        rule = load_rule(page, pages_url=pages_url)
        if rule.id in rules:
            raise CatalogueError(f"{page}: another rule is called {rule.id} already; one name, one rule.")
        rules[rule.id] = rule
    return tuple(sorted(rules.values(), key=lambda rule: (rule.group, rule.id)))


def load_rule(path: Path, *, pages_url: str | None = None) -> Rule:
    text = _text(path)
    page = read_page(text, str(path))
    front = page.front
    wanted = path.with_suffix(".sql" if front.stage is Stage.CATALOG else ".py")
    if not wanted.exists():
        raise CatalogueError(f"{path}: a {front.stage} rule needs its check in {wanted.name} beside the page.")
    other = path.with_suffix(".py" if front.stage is Stage.CATALOG else ".sql")
    if other.exists():
        raise CatalogueError(f"{other}: a {front.stage} rule is checked by {wanted.name}; remove one of the two.")
    source = _text(wanted)
    query = compile_query(source, str(wanted)) if front.stage is Stage.CATALOG else None
    given = query.facts if query else _given(source, wanted)
    _refuse_unknown_facts(page, given - _NOT_FACTS, path)
    usual = _severity(front.severity)
    once = usual if front.severity_when_run_once is None else _severity(front.severity_when_run_once)
    group = path.parent.name
    return Rule(
        id=path.stem,
        group=group,
        stage=front.stage,
        title=page.title,
        severity=usual,
        severity_when_run_once=once,
        since=front.since,
        message=page.message,
        page=text,
        examples=page.examples,
        seen=page.seen,
        instead=page.instead,
        hazard=front.hazard,
        yields=front.yields is not None,
        yields_to=frozenset(_names(front.yields_to)),
        only_new=front.only_new is not None,
        strict=front.strict and Strength(front.strict),
        advisors=_names(front.advisor),
        every_preset=front.every_preset is not None,
        fixable="edit" in given or bool(query and query.gives_edit),
        settings=front.settings,
        environment=front.environment,
        layout=front.layout,
        check=None if query else _check(wanted, ours=pages_url is not None),
        query=query.text if query else None,
        url=f"{pages_url}/{group}/{path.stem}.md" if pages_url else None,
    )


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise CatalogueError(f"{path}: cannot be read as UTF-8 text; save it as such.") from None


def _names(text: str | None) -> tuple[str, ...]:
    return tuple(name.strip() for name in (text or "").split(",") if name.strip())


def _severity(text: str) -> Severity | None:
    return None if text == "off" else Severity(text)


def _refuse_unknown_facts(page: Page, given: frozenset[str], path: Path) -> None:
    words = "\n".join(filter(None, (page.message, page.seen, page.instead)))
    unknown = sorted(facts_in(words) - given)
    if unknown:
        there = ", ".join(sorted(given)) or "none"
        raise CatalogueError(
            f"{path}: the quote speaks of {{{unknown[0]}}}, which the check never gives; it gives {there}."
        )


def _given(source: str, path: Path) -> frozenset[str]:
    """The keywords of every `Match(...)` in the file."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError) as error:
        line, reason = (error.lineno, error.msg) if isinstance(error, SyntaxError) else (None, str(error))
        raise CatalogueError(f"{path}:{line or 1}: {reason}.") from None
    if not any(isinstance(node, ast.FunctionDef) and node.name == "check" for node in tree.body):
        raise CatalogueError(f"{path}: no function called check; CONTRIBUTING.md shows its signature.")
    given: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Match":
            given |= {keyword.arg for keyword in node.keywords if keyword.arg}
    return frozenset(given)


def _check(path: Path, *, ours: bool) -> Callable[..., Iterator[Match]]:
    """`check` of a module that nobody imports by name; a first call imports it, so that listing rules stays quick.

    What goes wrong in a rule of the user's own is a CatalogueError with its line.
    """
    loaded: list[Callable[..., Iterator[Match]]] = []

    def check(*arguments: object) -> Iterator[Match]:
        if not loaded:
            loaded.append(_import(path))
        try:
            yield from loaded[0](*arguments)
        except Exception as error:
            if ours or isinstance(error, PgassayError):
                raise
            where = f"{path}:{_line(error, path)}"
            raise CatalogueError(f"{where}: {type(error).__name__}: {error}; correct the check.") from error

    return check


def _line(error: Exception, path: Path) -> int:
    import traceback

    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
    return (lines or [None])[-1] or 1


def _import(path: Path) -> Callable[..., Iterator[Match]]:
    name = f"pgassay_rules.{path.parent.name}.{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
        check: Callable[..., Iterator[Match]] = module.check
    except Exception as error:
        raise CatalogueError(f"{path}: cannot be loaded: {type(error).__name__}: {error}.") from error
    return check
