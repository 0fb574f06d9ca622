"""Cut what the fake needs out of GitHub's own publications. Run it by hand to bring the cut files up to date:

    npm pack @octokit/openapi@23.0.2 @octokit/webhooks-examples@7.6.1
    mkdir openapi webhooks
    tar -xzf octokit-openapi-*.tgz -C openapi && tar -xzf octokit-webhooks-examples-*.tgz -C webhooks
    python -m tests.fake_github.extract openapi/package webhooks/package

It writes `description.json`, the operations below with everything they refer to and without their prose, and one file
per event in `events/`. Both packages are under the MIT license; `LICENSE.octokit` goes with what is cut from them.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent

OPERATIONS = (
    ("get", "/repos/{owner}/{repo}/pulls"),
    ("get", "/repos/{owner}/{repo}/pulls/{pull_number}"),
    ("get", "/repos/{owner}/{repo}/pulls/{pull_number}/files"),
    ("get", "/repos/{owner}/{repo}/pulls/{pull_number}/reviews"),
    ("post", "/repos/{owner}/{repo}/pulls/{pull_number}/reviews"),
    ("get", "/repos/{owner}/{repo}/pulls/{pull_number}/comments"),
    ("get", "/repos/{owner}/{repo}/pulls/comments/{comment_id}"),
    ("patch", "/repos/{owner}/{repo}/pulls/comments/{comment_id}"),
    ("get", "/repos/{owner}/{repo}/issues/{issue_number}/comments"),
    ("post", "/repos/{owner}/{repo}/issues/{issue_number}/comments"),
    ("get", "/repos/{owner}/{repo}/issues/comments/{comment_id}"),
    ("patch", "/repos/{owner}/{repo}/issues/comments/{comment_id}"),
    ("get", "/repos/{owner}/{repo}/compare/{basehead}"),
    ("get", "/repos/{owner}/{repo}/commits/{commit_sha}/pulls"),
    ("get", "/user"),
)
PROSE = {"description", "summary", "example", "examples", "externalDocs", "tags", "title", "deprecated"}

# The first example of that name, action and (for workflow_run) triggering event.
EVENTS = {
    "pull_request_opened": ("pull_request", "opened"),
    "pull_request_synchronize": ("pull_request", "synchronize"),
    "merge_group": ("merge_group", "checks_requested"),
    "push": ("push", None),
    "workflow_dispatch": ("workflow_dispatch", None),
    "workflow_run": ("workflow_run", "completed"),
}


def without_prose(node: Any) -> Any:
    if isinstance(node, list):
        return [without_prose(item) for item in node]
    if not isinstance(node, dict):
        return node
    kept = {}
    for key, value in node.items():
        if key == "properties":
            kept[key] = {name: without_prose(schema) for name, schema in value.items()}
        elif key not in PROSE and not key.startswith("x-"):
            kept[key] = without_prose(value)
    return kept


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def description(package: Path) -> dict[str, Any]:
    whole = json.loads((package / "generated" / "api.github.com.json").read_text("utf-8"))
    paths: dict[str, Any] = {}
    for method, path in OPERATIONS:
        operation = without_prose(whole["paths"][path][method])
        paths.setdefault(path, {})[method] = operation
    components: dict[str, Any] = {}
    wanted = set(references(paths))
    while wanted:
        reference = wanted.pop()
        _, _, kind, name = reference.split("/")
        if name not in components.setdefault(kind, {}):
            components[kind][name] = without_prose(whole["components"][kind][name])
            wanted.update(references(components[kind][name]))
    version = whole["info"]["version"]
    return {
        "openapi": whole["openapi"],
        "info": {
            "title": f"{len(OPERATIONS)} operations of GitHub's REST API, from @octokit/openapi {version}",
            "version": version,
            "license": whole["info"]["license"],
        },
        "paths": paths,
        "components": {kind: dict(sorted(entries.items())) for kind, entries in sorted(components.items())},
    }


def events(package: Path) -> dict[str, Any]:
    published = json.loads((package / "api.github.com" / "index.json").read_text("utf-8"))
    by_name = {entry["name"]: entry["examples"] for entry in published}
    return {
        name: next(example for example in by_name[event] if example.get("action") == action)
        for name, (event, action) in EVENTS.items()
    }


def main(openapi: Path, webhooks: Path) -> None:
    (HERE / "description.json").write_text(json.dumps(description(openapi), indent=1) + "\n", "utf-8")
    (HERE / "events").mkdir(exist_ok=True)
    for name, payload in events(webhooks).items():
        (HERE / "events" / f"{name}.json").write_text(json.dumps(payload, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
