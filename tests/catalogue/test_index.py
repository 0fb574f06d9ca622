"""The list of rules."""

from __future__ import annotations

from pathlib import Path

from pgassay.catalogue import index
from pgassay.catalogue.load import load_folder
from pgassay.model import Rule

from .rules import CHECK, PAGE, write_rule


def rules(folder: Path) -> tuple[Rule, ...]:
    write_rule(folder, "bright_colours/blue_table")
    write_rule(
        folder,
        "bright_colours/red_table",
        page=PAGE.replace("severity: warning", "severity: error\nstrict: error"),
        check=CHECK.replace("table=name", "edit=None, table=name"),
    )
    write_rule(
        folder,
        "shades/dark_table",
        page=PAGE.replace("severity: warning", "severity: note\nseverity_when_run_once: off").replace(
            "is blue", "a | b"
        ),
    )
    return load_folder(folder)


def test_markdown(tmp_path: Path) -> None:
    head, *sections = index.markdown(rules(tmp_path)).split("\n## ")
    assert head.startswith("# The rules\n")
    assert sections == [
        "Bright colours\n\n"
        "| rule | severity | decided by | fixable | says |\n"
        "|---|---|---|---|---|\n"
        "| [`blue_table`](bright_colours/blue_table.md) | warning | text |  | The table `{table}` is blue. |\n"
        "| [`red_table`](bright_colours/red_table.md) | error, strict: error | text | yes |"
        " The table `{table}` is blue. |\n",
        "Shades\n\n"
        "| rule | severity | decided by | fixable | says |\n"
        "|---|---|---|---|---|\n"
        "| [`dark_table`](shades/dark_table.md) | note (off where each file runs once) | text |  |"
        " The table `{table}` a \\| b. |\n",
    ]


def test_text(tmp_path: Path) -> None:
    assert index.text(rules(tmp_path)) == (
        "bright_colours\n"
        "  blue_table  warning   Blue table\n"
        "  red_table   error, strict: error Blue table\n"
        "shades\n"
        "  dark_table  note (off where each file runs once) Blue table\n"
        "\n"
        "pgassay explain RULE prints its page.\n"
    )
