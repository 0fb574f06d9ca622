"""What can go wrong that is not a finding.

PgassayError
├── UsageError            exit 2: the arguments, the settings or the repository as the user gave it
│   ├── SettingsError     exit 2: pgassay.toml, with file and key
│   └── NoMigrations      exit 2: nothing in the project looks like a folder of migrations
├── CatalogueError        exit 2: a rule's page and check do not fit together
└── CannotCheck           exit 3: no server, or it died, or a fault of ours
    └── Unconfined        exit 3: a server without a sandbox, for SQL that may not run on one

Every message is one sentence that names file, line or key and ends with the next step.
"""


class PgassayError(Exception):
    exit_code = 3


class UsageError(PgassayError):
    exit_code = 2


class SettingsError(UsageError):
    pass


class NoMigrations(UsageError):
    pass


class CatalogueError(PgassayError):
    exit_code = 2


class CannotCheck(PgassayError):
    exit_code = 3


class Unconfined(CannotCheck):
    pass
