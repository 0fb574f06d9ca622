import re
from collections.abc import Iterator
from typing import NamedTuple

from pgassay.model import Location, Match, Migration, Statement
from pgassay.sql import grammar, names
from pgassay.sql.grammar import GrammarError
from pgassay.sql.positions import within

# Of these types a value can be SQL. A uuid, a number or a date cannot.
TEXTS = ("text", "varchar", "bpchar", "name", "citext")
QUOTES = ("quote_ident", "quote_literal", "quote_nullable")
# What comes out of these is no SQL, whatever goes in.
HARMLESS = ("length", "char_length", "md5", "digest", "encode", "cardinality", "array_length", "to_regclass", "count")
COMPARES = ("=", "<>", "!=", "<", ">", "~", "!~", "~*", "!~*", "in", "is", "like", "ilike", "not", "any")
LEADING = ("begin", "then", "else", "loop", "declare")
OBJECT = re.compile("table|partition|relation|schema|column|index", re.I)
SPECIFIER = re.compile(r"%(?:(\d+)\$)?-?\d*([sIL%])")


class Word(NamedTuple):
    text: str
    start: int
    end: int


def check(statement: Statement, migration: Migration) -> Iterator[Match]:
    tree = statement.tree
    if type(tree).__name__ != "CreateFunctionStmt" or "execute" not in statement.text.lower():
        return
    body = body_of(statement)
    if body is None or is_dropped_again(statement, migration):
        return
    text, offset = body
    try:
        words = [
            Word(text[token.start : token.end].lower(), token.start, token.end)
            for token in grammar.scan(text)
            if not token.is_comment
        ]
    except GrammarError:
        return
    definer = any(is_definer(option.def_elem) for option in tree.options)
    for word, argument in injections(words, text, arguments(tree)):
        if not definer and OBJECT.search(argument):
            # A helper that is given the name of a table by whoever could have written the statement just as well.
            continue
        at = within(statement, offset + word.start, offset + word.end)
        name = names.dotted(tree.funcname)
        yield Match(
            Location(at.path, at.start_line, at.start_line),
            subject=f"{name}: {argument}",
            function=name,
            argument=argument,
            definer=name if definer else None,
        )


def is_definer(option: object) -> bool:
    return bool(option.defname == "security" and option.arg.boolean.boolval)  # type: ignore[attr-defined]


def body_of(statement: Statement) -> tuple[str, int] | None:
    """The text of a plpgsql function in dollar quotes, and where it begins in the statement."""
    options = {option.def_elem.defname: option.def_elem.arg for option in statement.tree.options}
    if "as" not in options or options["language"].string.sval.lower() != "plpgsql":
        return None
    text = options["as"].list.items[0].string.sval
    offset = statement.text.find(text)
    return (text, offset) if text and offset >= 0 else None


def is_dropped_again(statement: Statement, migration: Migration) -> bool:
    """A helper of the migration itself: nobody else ever calls it."""
    name = names.dotted(statement.tree.funcname)
    later = (other for other in migration.up if other.start > statement.start and other.kind == "DROP FUNCTION")
    return any(name in names.drops(other) for other in later)


def arguments(tree: object) -> frozenset[str]:
    parameters = [node.function_parameter for node in tree.parameters]  # type: ignore[attr-defined]
    return frozenset(
        each.name.lower()
        for each in parameters
        # FUNC_PARAM_OUT and FUNC_PARAM_TABLE are what comes back.
        if each.name and each.mode not in (2, 5) and names.strings(each.arg_type.names)[-1:][0] in TEXTS
    )


def injections(words: list[Word], text: str, parameters: frozenset[str]) -> Iterator[tuple[Word, str]]:
    """Each EXECUTE whose text holds an argument as it came, with that argument."""
    unsafe = {name: name for name in parameters if not is_compared_with_list(words, name, text)}
    for segment in segments(words):
        found = next((n for n, word in enumerate(segment) if is_execute(segment, n)), None)
        if found is not None:
            argument = taint(until(segment[found + 1 :], ("into", "using", "loop")), unsafe, text)
            if argument:
                yield segment[found], argument
            continue
        head = [word for word in segment if word.text not in LEADING][:1]
        sign = next((n for n, word in enumerate(segment) if word.text in (":=", "=")), None)
        if head and sign and (segment[sign].text == ":=" or segment[sign - 1] == head[0]):
            argument = taint(segment[sign + 1 :], unsafe, text)
            if argument and head[0].text not in unsafe:
                unsafe[head[0].text] = argument


def segments(words: list[Word]) -> Iterator[list[Word]]:
    """Statements, roughly: what stands between semicolons, and what stands before and after THEN, LOOP and the like."""
    segment: list[Word] = []
    for word in words:
        if word.text == ";" or word.text in LEADING:
            yield segment
            segment = []
        if word.text != ";":
            segment.append(word)
    yield segment


def is_execute(segment: list[Word], n: int) -> bool:
    """The statement of PL/pgSQL, and not a privilege or the end of a CREATE TRIGGER."""
    before = segment[n - 1].text if n else ""
    after = segment[n + 1].text if n + 1 < len(segment) else ""
    return (
        segment[n].text == "execute"
        and (not n or before in (*LEADING, "query", "in"))
        and after not in ("function", "procedure", "on")
    )


def until(words: list[Word], ends: tuple[str, ...]) -> list[Word]:
    depth = 0
    for n, word in enumerate(words):
        depth += {"(": 1, ")": -1}.get(word.text, 0)
        if depth == 0 and word.text in ends:
            return words[:n]
    return words


def is_compared_with_list(words: list[Word], name: str, text: str) -> bool:
    """`if p_order not in ('asc', 'desc')`, a lookup of the name in the catalog: somebody looks at it first."""
    for n, word in enumerate(words):
        if word.text != name:
            continue
        after = [each.text for each in words[n + 1 : n + 4]]
        before = [each.text for each in words[max(n - 3, 0) : n]]
        if after[:1] in (["in"], ["~"], ["!~"], ["~*"], ["!~*"]) or after[:2] in (
            ["not", "in"],
            ["=", "any"],
            ["<>", "all"],
        ):
            return True
        if before[-1:] == ["case"] or before[-2:] in (["to_regclass", "("], ["to_regprocedure", "("]):
            return True
        if before[-1:] == ["="] and re.search(r"information_schema|pg_catalog|pg_class|pg_tables|pg_proc", text, re.I):
            return True
    return False


def taint(words: list[Word], unsafe: dict[str, str], text: str) -> str | None:
    """The argument that reaches the text of this expression unquoted."""
    inside: list[str] = []
    n = 0
    while n < len(words):
        word = words[n]
        following = words[n + 1].text if n + 1 < len(words) else ""
        if following == "(" and word.text == "format":
            end = closing(words, n + 1)
            if argument := taint_of_format(words[n + 2 : end], unsafe, text):
                return argument
            n = end
        elif word.text == "(":
            inside.append(words[n - 1].text if n else "")
        elif word.text == ")" and inside:
            inside.pop()
        elif word.text in unsafe and not is_harmless(words, n, inside):
            return unsafe[word.text]
        n += 1
    return None


def is_harmless(words: list[Word], n: int, inside: list[str]) -> bool:
    before = words[n - 1].text if n else ""
    after = words[n + 1].text if n + 1 < len(words) else ""
    if any(name in (*QUOTES, *HARMLESS) for name in inside) or before == "." or after in (".", "("):
        return True
    if after == "::":
        return words[n + 2].text not in TEXTS if n + 2 < len(words) else False
    return before in COMPARES or after in COMPARES


def taint_of_format(words: list[Word], unsafe: dict[str, str], text: str) -> str | None:
    """Of `format('... %I ... %s', a, b)` the arguments that go in by %s."""
    parts: list[list[Word]] = [[]]
    depth = 0
    for word in words:
        depth += {"(": 1, ")": -1, "[": 1, "]": -1}.get(word.text, 0)
        if word.text == "," and depth == 0:
            parts.append([])
        else:
            parts[-1].append(word)
    template, *values = parts
    if argument := taint(template, unsafe, text):
        return argument
    literal = " ".join(text[word.start : word.end] for word in template)
    position = 0
    for number, letter in SPECIFIER.findall(literal):
        if letter == "%":
            continue
        index = int(number) - 1 if number else position
        position = index + 1
        if letter == "s" and index < len(values) and (argument := taint(values[index], unsafe, text)):
            return argument
    return None


def closing(words: list[Word], opening: int) -> int:
    depth = 0
    for n in range(opening, len(words)):
        depth += {"(": 1, ")": -1}.get(words[n].text, 0)
        if depth == 0:
            return n
    return len(words) - 1
