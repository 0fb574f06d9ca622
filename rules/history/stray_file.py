from collections.abc import Iterator

from pgassay.model import History, Location, Match

# Other layouts may well read subfolders, or have their down files there.
BY_LAYOUT = {"supabase": ("subfolder", "name", "link"), "plain": ("link", "journal")}


def check(history: History) -> Iterator[Match]:
    kinds = BY_LAYOUT.get(history.layout, ("link",))
    for file in history.left_out:
        misnamed = file.kind == "name" and file.what.lower().endswith(".sql")
        if file.is_new and file.kind in kinds and not misnamed:
            name = file.what.removeprefix(f"{history.folder}/")
            move_away = None if file.next_step else "move it out of the folder of migrations"
            yield Match(Location(file.what, 1, 1), file=name, why=file.why, step=file.next_step, move_away=move_away)
