from collections.abc import Iterator

from pgassay.model import Match, Schema, Usage, What

# Folders of code that stays on a server.
SERVER = frozenset(
    "api server backend functions scripts script edge-functions workers worker jobs cron bin tools cli".split()
)
COMPONENTS = (".jsx", ".tsx", ".vue", ".svelte")


def check(usage: Usage, _: Schema) -> Iterator[Match]:
    if usage.what is not What.SECRET:
        return
    if usage.action == "variable" or "use client" in usage.values or ships(usage.location.path):
        variable = usage.names[0] if usage.names else None
        yield Match(
            usage.location,
            subject=f"{usage.name} {variable or usage.location.path}",
            secret=usage.name,
            variable=variable,
            literal=None if variable else usage.name,
        )


def ships(path: str) -> bool:
    """A component outside the folders of a server; under `app/`, only `use client` tells."""
    *folders, name = path.lower().split("/")
    return name.endswith(COMPONENTS) and "app" not in folders and not SERVER.intersection(folders)
