"""Draws the pictures of README.md from what the suite holds to be sent about an example.

    python examples/pictures/draw.py --mermaid node_modules/mermaid/dist/mermaid.min.js

Takes a Chromium on the path (Debian: chromium) and mermaid from npm. The words come from
tests/github/expected/time_tracking.md and the lines from the example; only colours and frames are made here.
"""

from __future__ import annotations

import argparse
import html
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from markdown_it import MarkdownIt

HERE = Path(__file__).resolve().parent
EXPECTED = HERE.parents[1] / "tests" / "github" / "expected" / "time_tracking.md"
PROPOSED = HERE.parent / "time_tracking" / "proposed"
SHOWN = ("cascading_delete", "missing_rls")
_SECTION = re.compile(r"^==== (.+)$", re.MULTILINE)
_COMMENT = re.compile(r"comment on (\S+), RIGHT (?:\d+ to )?(\d+)")
_FENCE = re.compile(r"```suggestion\n(.*?)\n```", re.DOTALL)
_MERMAID = re.compile(r'<pre><code class="language-mermaid">(.*?)</code></pre>', re.DOTALL)
_WIDTH, _ABOVE = 940, 3

PAGE = """<!doctype html><meta charset="utf-8"><style>
body { margin: 0; padding: 16px; width: %(width)dpx; background: #fff; color: #1f2328;
  font: 14px/1.5 "Liberation Sans", Helvetica, Arial, sans-serif; }
.box { border: 1px solid #d1d9e0; border-radius: 6px; margin-bottom: 16px; overflow: hidden; }
.head { background: #f6f8fa; border-bottom: 1px solid #d1d9e0; padding: 8px 12px; }
.body { padding: 4px 16px; }
.file, code, pre { font: 12px/20px "Liberation Mono", monospace; }
code { background: #eff1f3; border-radius: 4px; padding: 2px 4px; }
pre { background: #f6f8fa; border-radius: 6px; padding: 8px 12px; white-space: pre-wrap; }
pre code { background: none; padding: 0; }
.line { display: flex; white-space: pre-wrap; font: 12px/20px "Liberation Mono", monospace; background: #dafbe1; }
.line b { font-weight: normal; width: 48px; flex: none; text-align: right; padding-right: 10px; color: #59636e;
  background: #aceebb; margin-right: 10px; }
.del { background: #ffebe9; } .add { background: #dafbe1; }
.del, .add { font: 12px/20px "Liberation Mono", monospace; white-space: pre-wrap; padding: 0 12px; }
.change { border: 1px solid #d1d9e0; border-radius: 6px; overflow: hidden; margin: 8px 0; }
.change .head { font-size: 12px; color: #59636e; padding: 4px 12px; display: flex; }
.button { margin-left: auto; border: 1px solid #d1d9e0; border-radius: 6px; padding: 0 8px; background: #fff; }
.bot { border: 1px solid #d1d9e0; border-radius: 10px; padding: 0 6px; font-size: 12px; color: #59636e; }
table { border-collapse: collapse; width: 100%%; } td, th { border: 1px solid #d1d9e0; padding: 5px 10px;
  text-align: left; vertical-align: top; } th { background: #f6f8fa; }
sub { font-size: 11px; color: #59636e; line-height: 1; vertical-align: baseline; } a { color: #0969da; }
h3 { margin: 12px 0; } summary { cursor: default; margin: 8px 0; font-weight: bold; }
</style><body>%(body)s%(script)s</body>"""
# After the diagram has been drawn.
TELL = """<script>addEventListener("load", () => setTimeout(() => {
  document.title = document.documentElement.scrollHeight }, 1500))</script>"""
AUTHOR = '<b>github-actions</b> <span class="bot">bot</span>'


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mermaid", type=Path, required=True)
    mermaid = parser.parse_args().mermaid.resolve()
    sections = list(_sections(EXPECTED.read_text("utf-8")))
    comments = [(title, body) for title, body in sections if any(f"rule={rule} " in body for rule in SHOWN)]
    shown = [_comment(title, body) for title, body in comments if _COMMENT.match(title)][: len(SHOWN)]
    summary = next(body for title, body in sections if title == "new summary")
    draw("review.png", "".join(shown), "")
    diagram = f'<script src="{mermaid.as_uri()}"></script><script>mermaid.initialize({{theme: "neutral"}})</script>'
    body = _markdown(summary).replace("<details>", "<details open>", 1)
    body = _MERMAID.sub(r'<div class="mermaid">\1</div>', body)
    draw("summary.png", _box(f"{AUTHOR} commented", body), diagram)


def _sections(text: str) -> Iterator[tuple[str, str]]:
    found = list(_SECTION.finditer(text))
    for match, following in zip(found, [*found[1:], None], strict=True):
        yield match[1], text[match.end() : following.start() if following else None].strip()


def _comment(title: str, body: str) -> str:
    match = _COMMENT.match(title)
    assert match
    path, line = match[1], int(match[2])
    lines = (PROPOSED / path).read_text("utf-8").split("\n")
    suggestion = _FENCE.search(body)
    rendered = _markdown(_FENCE.sub("SUGGESTION", body))
    if suggestion:
        change = [f'<div class="del">- {html.escape(lines[line - 1])}</div>']
        change += [f'<div class="add">+ {html.escape(text)}</div>' for text in suggestion[1].split("\n")]
        head = '<div class="head">Suggested change <span class="button">Commit suggestion</span></div>'
        rendered = rendered.replace("<p>SUGGESTION</p>", f'<div class="change">{head}{"".join(change)}</div>')
    numbered = "".join(
        f'<div class="line"><b>{number}</b>+ {html.escape(lines[number - 1])}</div>'
        for number in range(max(1, line - _ABOVE), line + 1)
    )
    comment = _box(f"{AUTHOR} reviewed", rendered)
    return _box(
        f'<span class="file">{html.escape(path)}</span>',
        f'{numbered}<div style="padding:12px 12px 0">{comment}</div>',
        "",
    )


def _box(head: str, body: str, padding: str = "body") -> str:
    return f'<div class="box"><div class="head">{head}</div><div class="{padding}">{body}</div></div>'


def _markdown(text: str) -> str:
    return str(MarkdownIt("commonmark", {"html": True}).enable("table").render(text))


def draw(name: str, body: str, script: str) -> None:
    """The page as high as it is: Chromium tells the height first."""
    chromium = shutil.which("chromium") or "google-chrome"
    with tempfile.TemporaryDirectory() as scratch:
        page = Path(scratch) / "page.html"
        page.write_text(PAGE % {"body": body, "script": script, "width": _WIDTH}, "utf-8")
        measured = Path(scratch) / "measured.html"
        measured.write_text(page.read_text("utf-8") + TELL, "utf-8")
        common = [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run"]
        common += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
        common += ["--allow-file-access-from-files", f"--user-data-dir={scratch}/profile", "--virtual-time-budget=6000"]
        size = f"--window-size={_WIDTH + 32},400"
        dom = subprocess.run(
            [*common, size, "--dump-dom", measured.as_uri()], capture_output=True, text=True, check=True
        )
        height = re.search(r"<title>(\d+)</title>", dom.stdout)
        assert height, dom.stderr
        shot = [f"--window-size={_WIDTH + 32},{height[1]}", f"--screenshot={HERE / name}", page.as_uri()]
        subprocess.run([*common, *shot], capture_output=True, check=True)


if __name__ == "__main__":
    main()
