"""The list of rules, for the terminal and as rules/README.md."""

from __future__ import annotations

from itertools import groupby

from pgassay.model import Rule, Severity

_HEAD = """# The rules

One page and one check each. The page says what happened, why it matters and what to do instead; its examples are run by
the test suite. Fixable says that the finding brings the corrected lines with it. This list is what
`pgassay rules --markdown` prints.
"""


def markdown(rules: tuple[Rule, ...]) -> str:
    lines = [_HEAD]
    for group, members in groupby(rules, key=lambda rule: rule.group):
        lines += [
            f"## {group.replace('_', ' ').capitalize()}",
            "",
            "| rule | severity | decided by | fixable | says |",
            "|---|---|---|---|---|",
        ]
        for rule in members:
            says = rule.message.splitlines()[0].replace("|", "\\|")
            link, fixable = f"[`{rule.id}`]({group}/{rule.id}.md)", "yes" if rule.fixable else ""
            lines.append(f"| {link} | {_severity(rule)} | {rule.evidence} | {fixable} | {says} |")
        lines.append("")
    return "\n".join(lines)


def text(rules: tuple[Rule, ...]) -> str:
    width = max(len(rule.id) for rule in rules)
    lines = []
    for group, members in groupby(rules, key=lambda rule: rule.group):
        lines.append(group)
        lines += [f"  {rule.id:<{width}}  {_severity(rule):<9} {rule.title}" for rule in members]
    lines += ["", "pgassay explain RULE prints its page."]
    return "\n".join(lines) + "\n"


def _severity(rule: Rule) -> str:
    usual, once = _word(rule.severity), _word(rule.severity_when_run_once)
    severity = usual if usual == once else f"{usual} ({once} where each file runs once)"
    return f"{severity}, strict: {rule.strict}" if rule.strict else severity


def _word(severity: Severity | None) -> str:
    return severity or "off"
