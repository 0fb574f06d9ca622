"""The nouns of pgassay. Everything that passes between two stages is one of these, frozen.

Lines and columns are 1-based, as GitHub and editors show them; lines are inclusive, `end_column` is one past the last
character. Offsets are characters of the decoded text, never bytes.
"""

from pgassay.model.migration import (
    AllowComment,
    Change,
    CommentProblem,
    History,
    LeftOut,
    Migration,
    Mode,
    Script,
    Sections,
    Statement,
    SyntaxProblem,
    Unchecked,
)
from pgassay.model.naming import Naming
from pgassay.model.place import Edit, Location
from pgassay.model.report import Allowed, Counts, Finding, ObjectChange, Relationship, Report, ServerInfo, Verdict
from pgassay.model.rule import Allowance, Evidence, Example, Match, Rule, Severity, Stage, Strength
from pgassay.model.schema import Schema
from pgassay.model.seen import (
    BuiltIndex,
    ColumnShape,
    Dropped,
    KeptRight,
    Lock,
    Mismatch,
    MissingInBody,
    MissingObject,
    Notice,
    Relation,
    ServerError,
    SkippedTable,
    Step,
)
from pgassay.model.usage import Declared, Embed, Usage, What

__all__ = [
    "AllowComment",
    "Allowance",
    "Allowed",
    "BuiltIndex",
    "Change",
    "ColumnShape",
    "CommentProblem",
    "Counts",
    "Declared",
    "Dropped",
    "Edit",
    "Embed",
    "Evidence",
    "Example",
    "Finding",
    "History",
    "KeptRight",
    "LeftOut",
    "Location",
    "Lock",
    "Match",
    "Migration",
    "Mismatch",
    "MissingInBody",
    "MissingObject",
    "Mode",
    "Naming",
    "Notice",
    "ObjectChange",
    "Relation",
    "Relationship",
    "Report",
    "Rule",
    "Schema",
    "Script",
    "Sections",
    "ServerError",
    "ServerInfo",
    "Severity",
    "SkippedTable",
    "Stage",
    "Statement",
    "Step",
    "Strength",
    "SyntaxProblem",
    "Unchecked",
    "Usage",
    "Verdict",
    "What",
]
