"""Reports in which everything that comes from SQL, file names and settings is as bad as it gets."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st

from pgassay.model import (
    Allowed,
    Cell,
    Counts,
    Evidence,
    Finding,
    Location,
    ObjectChange,
    Reach,
    RelationAccess,
    Relationship,
    Report,
    ServerInfo,
    Severity,
    Unchecked,
    Verdict,
)

sometimes = settings(deadline=None, derandomize=True, max_examples=60)
"""For whole reports, which take some time to make."""
often = settings(deadline=None, derandomize=True)

ATTACKS = [
    "`", "``", "```", "@octocat", "a@b.example", "#12", "octo/cat#12", "GH-12", ":tada:", "<script>", "</details>",
    "<!--", "&lt;", "&#64;", "|", "\\|", "\\", "\n", "\n\n", "\r", "\t", "\n# ", "\n- ", "\n    ", "\n---\n", "1. ",
    "- ", "---", "===", "> ", "[a](b)", "![a](b)", "<http://a.example>", "https://a.example", "www.a.example", "*a*",
    "__a__", "~~a~~", "$a$", "[^1]", "::error file=a::b", "\n::set-output name=a::b", "##[error]a", "\n##[group]",
    "\x1b[31m", "\x9b31m", "\x07", "\x00", "\x7f", "\x85", "\u2028", "\u202e", "\u2066", "\u200b", "\ufeff", "\ud800",
    "\udcff", "\u8868", "e\u0301", "\U0001f418", " ", "x", "users",
]  # fmt: skip

nasty = st.lists(st.sampled_from(ATTACKS) | st.text(st.characters(), max_size=4), max_size=8).map("".join)
"""What somebody may call a table or a file."""

sentences = st.one_of(nasty, nasty.map(lambda name: f"`{name.replace('`', chr(39))}` is gone, and `{name}` too"))
"""What the engine may make of it."""


def locations(path: str) -> st.SearchStrategy[Location]:
    lines = st.integers(1, 12)
    columns = st.none() | st.integers(1, 40)
    return st.builds(
        lambda start, more, left, right: Location(path, start, start + more, left, right),
        lines,
        st.integers(0, 9),
        columns,
        columns,
    )


def findings(path: str) -> st.SearchStrategy[Finding]:
    return st.builds(
        Finding,
        rule=nasty,
        group=nasty,
        severity=st.sampled_from(Severity),
        evidence=st.sampled_from(Evidence),
        location=locations(path),
        message=sentences,
        subject=nasty,
        fingerprint=nasty,
        facts=st.dictionaries(nasty, nasty | st.lists(nasty, max_size=2).map(tuple) | st.floats() | st.integers()),
        label=st.none() | sentences,
        seen=st.none() | sentences,
        instead=st.none() | sentences,
        related=st.lists(locations(path), max_size=2).map(tuple),
        url=st.none() | nasty,
    )


@st.composite
def reports(draw: st.DrawFn) -> Report:
    path = draw(nasty)
    sources = draw(st.just({}) | nasty.map(lambda text: {path: text}))
    return Report(
        stage=draw(st.sampled_from(["check", "lint"])),
        verdict=draw(st.sampled_from(Verdict)),
        findings=tuple(draw(st.lists(findings(path), max_size=3))),
        allowed=tuple(
            draw(st.lists(st.builds(Allowed, nasty, locations(path), nasty, st.none() | nasty, st.none() | nasty)))
        )[:2],
        unchecked=tuple(
            draw(st.lists(st.builds(Unchecked, sentences, sentences, st.none() | sentences, st.booleans()), max_size=2))
        ),
        schema_change=tuple(draw(st.lists(st.builds(ObjectChange, nasty, nasty, nasty, sentences), max_size=2))),
        migrations=draw(st.builds(Counts, *[st.integers(0, 3)] * 5)),
        server=draw(st.none() | st.builds(ServerInfo, nasty, nasty, nasty)),
        seconds={"total": 0.4},
        sources=sources,
        base_ref=draw(st.none() | nasty),
        commit=draw(st.none() | nasty),
        relationships=tuple(
            draw(st.lists(st.builds(Relationship, nasty, st.lists(nasty, max_size=2).map(tuple), nasty, nasty)))
        )[:2],
    )


def everywhere(text: str) -> Report:
    """A report that says nothing else."""
    location = Location(f"{text}.sql", 2, 2, 1, 3)
    sentence = f"{text} `{text}` and {text}b {text}"
    finding = Finding(
        text,
        text,
        Severity.ERROR,
        Evidence.OBSERVED,
        location,
        sentence,
        text,
        text,
        facts={text: text},
        label=sentence,
        seen=sentence,
        instead=f"{sentence}\n{sentence}",
        related=(location,),
        url=f"https://{text}",
    )
    return Report(
        stage="check",
        verdict=Verdict.BLOCK,
        findings=(finding, finding),
        allowed=(Allowed(text, location, sentence, text, text),) * 2,
        unchecked=(Unchecked(sentence, sentence, sentence),) * 2,
        schema_change=(ObjectChange(text, sentence, text, sentence),) * 2,
        migrations=Counts(2, 2, 1, 1, 1),
        server=ServerInfo(text, text, text),
        seconds={"total": 0.4},
        sources={location.path: f"{text}\n{text}\n{text}"},
        base_ref=text,
        commit=text,
        relationships=(Relationship(text, (text, text), text, text),) * 2,
        access=(RelationAccess(text, text, False, (Cell(text, text, None, Reach.ERROR, sentence),)),) * 2,
    )
