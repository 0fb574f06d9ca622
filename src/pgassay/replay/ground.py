"""What proofs stand on, when the change has been applied."""

from __future__ import annotations

from msgspec import Struct

from pgassay.model import Step
from pgassay.replay.bench import Bench
from pgassay.replay.plan import Plan
from pgassay.replay.roles import Roles
from pgassay.replay.substitutes import Substitutes


class Ground(Struct, frozen=True):
    """Two databases to which nobody is connected. `before` is a template that has to stay as it is.

    `after` is thrown away soon, but other proofs come. `plan` has the files that ran, `steps` what they did. `is_whole`
    tells that nothing failed on the way there. `roles` are those of the server before the change.
    """

    bench: Bench
    plan: Plan
    before: str
    after: str
    steps: tuple[Step, ...]
    is_whole: bool
    substitutes: Substitutes
    roles: Roles | None = None
