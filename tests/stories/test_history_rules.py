"""Names, order and edits of migration files, as they happen in real folders."""

from __future__ import annotations

import pytest

from pgassay.settings_file import read_settings
from tests.stories.story import Teller

USERS = "create table users (id bigint primary key);\nalter table users enable row level security;\n"
TEAMS = USERS.replace("users", "teams")
BASE = "20250301000000_users.sql"
NEXT = "20260101000000_teams.sql"


def settings(text: str):  # type: ignore[no-untyped-def]
    return read_settings(text, "pgassay.toml")


class TestNames:
    AURA = settings('[naming]\nmigration = "YYYYMMDDNNN_description"')

    @pytest.mark.parametrize("name", ["20260101001_teams.sql", "20260101999_add_teams_2.sql"])
    def test_as_the_settings_say(self, story: Teller, name: str) -> None:
        story(merged={"20250301001_users.sql": USERS}, proposed={name: TEAMS}, settings=self.AURA).says()

    @pytest.mark.parametrize("name", ["20261301001_teams.sql", "20260101000000_teams.sql", "20260101001_Teams.sql"])
    def test_otherwise(self, story: Teller, name: str) -> None:
        merged = {"20250301001_users.sql": USERS}
        told = story(merged=merged, proposed={name: TEAMS}, settings=self.AURA).says(f"{name}:1 misnamed_migration")
        assert told.only("misnamed_migration").facts["expected"] == "YYYYMMDDNNN_teams.sql"

    def test_minutes_are_written_like_months(self, story: Teller) -> None:
        chosen = settings('[naming]\nmigration = "YYYYMMDDHHMMSS_name"')
        story(proposed={"20260101205900_teams.sql": TEAMS}, settings=chosen).says()
        story(proposed={"20260101206000_teams.sql": TEAMS}, settings=chosen).says(
            "20260101206000_teams.sql:1 misnamed_migration"
        )

    def test_a_copy_that_was_switched_off_by_its_ending(self, story: Teller) -> None:
        told = story(merged={BASE: USERS}, proposed={NEXT: TEAMS, "20260102000000_more.sql.bak": "select 1;"})
        told.says("20260102000000_more.sql.bak:1 stray_file")


class TestOrder:
    def test_a_branch_that_was_open_for_a_while(self, story: Teller) -> None:
        told = story(merged={BASE: USERS}, proposed={"20250201000000_teams.sql": TEAMS})
        told.says("20250201000000_teams.sql:1 version_out_of_order")
        instead = told.only("version_out_of_order").instead or ""
        assert "git mv 20250201000000_teams.sql <timestamp>_teams.sql" in instead
        assert "20250301000000" in instead

    def test_a_counter_gets_the_next_number(self, story: Teller) -> None:
        merged = {"0001_a.sql": "select 1;", "0003_users.sql": USERS}
        proposed = {"0002_b.sql": TEAMS.replace("create table", "create table if not exists")}
        told = story(merged=merged, proposed=proposed, layout="plain", environment="postgres")
        told.says("0002_b.sql:1 version_out_of_order")
        assert told.only("version_out_of_order").facts["command"] == "git mv 0002_b.sql 0004_b.sql"

    def test_a_counter_beside_dates_says_nothing(self, story: Teller) -> None:
        merged = {"0001_a.sql": "select 1;", "20250301_users.sql": USERS}
        told = story(merged=merged, proposed={"0002_b.sql": "select 2;"}, layout="plain", environment="postgres")
        told.says()

    def test_behind_a_merged_file_from_the_future(self, story: Teller) -> None:
        story(merged={"20980101000000_u.sql": USERS}, proposed={"20980201000000_t.sql": TEAMS}).says(
            "20980201000000_t.sql:1 future_version"
        )
        story(merged={"20980101000000_u.sql": USERS}, proposed={"20980101000001_t.sql": TEAMS}).says()


class TestEdits:
    def test_a_comment_of_a_merged_file(self, story: Teller) -> None:
        edited = f"-- Everybody who may sign in.\n{USERS}"
        story(merged={BASE: USERS}, proposed={BASE: edited}).says()

    def test_where_the_runner_keeps_checksums(self, story: Teller) -> None:
        edited = f"-- Everybody who may sign in.\n{USERS}"
        told = story(
            merged={"V1__users.sql": USERS}, proposed={"V1__users.sql": edited}, layout="plain", environment="postgres"
        )
        told.says("V1__users.sql:1 edited_merged_migration")
        assert told.only("edited_merged_migration").severity == "error"

    def test_where_nobody_knows_whether_it_does(self, story: Teller) -> None:
        edited = f"-- Everybody who may sign in.\n{USERS}"
        told = story(merged={BASE: USERS}, proposed={BASE: edited}, layout="plain", environment="postgres")
        told.says(f"{BASE}:1 reworded_merged_migration")

    def test_a_space_inside_a_string_is_no_comment(self, story: Teller) -> None:
        old = USERS + "comment on table users is 'those  who -- sign in';\n"
        told = story(merged={BASE: old}, proposed={BASE: old.replace("those  who", "those who")})
        told.says(f"{BASE}:3 edited_merged_migration")

    def test_by_hand_it_may_well_run_again(self, story: Teller) -> None:
        told = story(
            merged={"0001_users.sql": USERS},
            proposed={"0001_users.sql": USERS.replace("id", "no")},
            layout="plain",
            environment="postgres",
        )
        told.says("0001_users.sql:1 edited_merged_migration")
        assert told.only("edited_merged_migration").severity == "warning"


class TestCopies:
    def test_a_signal_to_the_api_may_be_sent_twice(self, story: Teller) -> None:
        reload = "-- again\nnotify pgrst, 'reload schema';\n"
        story(merged={BASE: reload}, proposed={NEXT: reload.replace("again", "once more")}).says()

    def test_a_pair_of_files_is_no_copy(self, story: Teller) -> None:
        merged = {"0001_users.up.sql": USERS, "0001_users.down.sql": "drop table users;"}
        merged |= {"0002_teams.up.sql": TEAMS, "0002_teams.down.sql": "drop table teams;"}
        told = story(
            merged=merged, proposed={"0003_x.up.sql": "create table x ();"}, layout="plain", environment="postgres"
        )
        told.says("0003_x.up.sql:1 missing_down")
        assert told.only("missing_down").facts["down_file"] == "0003_x.down.sql"


class TestHeaders:
    ASKED = settings('[naming]\nheader = ["Description", "Date"]')

    @pytest.mark.parametrize(
        "head",
        [
            "-- Description: teams\n-- Date: 2026-01-01\n",
            "/*\n * @description teams\n * @date 2026-01-01\n */\n",
            "-- =====\n-- DESCRIPTION : teams\n-- =====\n\n-- Date: today\n",
        ],
    )
    def test_in_any_style(self, story: Teller, head: str) -> None:
        story(merged={BASE: USERS}, proposed={NEXT: head + TEAMS}, settings=self.ASKED).says()

    @pytest.mark.parametrize("head", ["", "-- Description:\n-- Date: 2026-01-01\n", "-- the description is missing\n"])
    def test_missing(self, story: Teller, head: str) -> None:
        told = story(merged={BASE: USERS}, proposed={NEXT: head + TEAMS}, settings=self.ASKED)
        told.says(f"{NEXT}:1 missing_header")
