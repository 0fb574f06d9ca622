from collections.abc import Iterator

from pgassay.model import History, Match, Migration, file_name

MARKERS = {"goose": "-- +goose Down", "dbmate": "-- migrate:down", "sql_migrate": "-- +migrate Down"}
NEARLY_ALL = 0.8


def check(history: History) -> Iterator[Match]:
    everything = (*history.base, *history.proposed)
    for migration in history.proposed:
        others = [other for other in everything if other is not migration and other.runner == migration.runner]
        with_down = [other for other in others if has_down(other)]
        if has_down(migration) or len(with_down) < 2 or len(with_down) < NEARLY_ALL * len(others):
            continue
        yield Match(
            migration.start,
            file=file_name(migration.path),
            others=len(with_down),
            all=len(others),
            marker=MARKERS.get(migration.runner or ""),
            down_file=None if migration.runner in MARKERS else down_file(migration, with_down),
        )


def has_down(migration: Migration) -> bool:
    return bool(migration.sections.down) or migration.down_file is not None


def down_file(migration: Migration, others: list[Migration]) -> str:
    """Named as those of the others: `x.up.sql` has `x.down.sql`, or `x.sql` has `x_rollback.sql`."""
    example = next(other for other in reversed(others) if other.down_file)
    down, up = file_name(example.down_file or ""), file_name(example.path)
    same = len(up) - len(up.removesuffix(".sql").removesuffix(".up")) if down else 0
    stem = up[: len(up) - same] if same else up
    end = down.removeprefix(stem) if down.startswith(stem) else ".down.sql"
    own = file_name(migration.path)
    if up.endswith("/up.sql"):
        return own.removesuffix("up.sql") + "down.sql"
    return own.removesuffix(".sql").removesuffix(".up") + end
