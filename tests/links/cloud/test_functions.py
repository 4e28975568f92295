"""The table of the cloud's functions against facts/cloud-api.md and facts/cloud-model.md."""

import re

import pytest

from custom_components.instagen.links.cloud.function import (
    Function,
    Grade,
    gateway_name,
)
from custom_components.instagen.links.cloud.functions import FUNCTIONS
from custom_components.instagen.plant.evidence import Evidence

# facts/cloud-api.md 1.2 and the gateway names told in 4.2, 4.6 and 13.
KNOWN_PAIRS = {
    "/iam/pub/0/auth/login": "iam/auth_login",
    "/iam/api/1/user/me": "iam/user_me",
    "/pvm/api/0/station/select_by_page": "pvm/station_select_by_page",
    "/pvm/api/0/station/find": "pvm/station_find",
    "/pvm/api/0/station/select_device_of_tree": "pvm/station_select_device_of_tree",
    "/pvm/api/0/dev/dtu/find": "pvm/dtu_find",
    "/pvm/api/0/station/setting/battery_config": "pvm/setting_battery_config",
    "/pvm-data/api/0/station/data/count_station_real_data": (
        "pvm-data/data_count_station_real_data"
    ),
    "/pvm-data/api/0/module/data/find_details": "pvm-data/data_find_details",
    "/pvm-ext/api/0/station-ak/find": "pvm-ext/station_ak_find",
    "/pvm-report/api/0/station/report/count_eq_by_station": (
        "pvm-report/report_count_eq_by_station"
    ),
}
KNOWN_GATEWAY_NAMES = {
    "login_nonce": "iam/auth_pre-insp",
    "plant_state_counts": "pvm/statistics_count_station_state",
    "brand_energy_report": "pvm-report/oem_eq_p_c_1",
    "brand_energy_report_totals": "pvm-report/oem_count_eq_g_c_1",
}


@pytest.mark.parametrize(("path", "name"), KNOWN_PAIRS.items())
def test_a_gateway_name_follows_the_rule(path: str, name: str) -> None:
    assert gateway_name(path) == name


@pytest.mark.parametrize(("function", "name"), KNOWN_GATEWAY_NAMES.items())
def test_a_gateway_name_that_is_told_is_the_functions(function: str, name: str) -> None:
    assert FUNCTIONS[function].gateway_path == name


@pytest.mark.parametrize("row", FUNCTIONS.values(), ids=FUNCTIONS)
def test_a_row_is_sound(row: Function) -> None:
    assert re.fullmatch(r"/[a-z-]+/(api|pub)/\d(/[a-z0-9_-]+){2,3}", row.path)
    service, name = row.gateway_path.split("/")
    assert service == row.path.split("/")[1]
    assert row.gateway or name == "_".join(row.path.split("/")[-2:]).replace("-", "_")
    assert row.path not in {
        # Answers success and does nothing (facts/cloud-api.md 4.9).
        "/pvm/api/0/station/setting/battery_config",
    }
    if row.job is not None:
        status = FUNCTIONS[row.job]
        assert not status.writes
        assert status.path.startswith(row.path.rsplit("/", 1)[0])


def test_no_name_and_no_path_stands_twice() -> None:
    rows = list(FUNCTIONS.values())
    assert len({row.path for row in rows}) == len(rows)
    assert all(row.name == name for name, row in FUNCTIONS.items())


def test_a_gateway_name_is_ambiguous_only_for_logging_in() -> None:
    names = [row.gateway_path for row in FUNCTIONS.values()]
    assert {name for name in names if names.count(name) > 1} == {"iam/auth_login"}


@pytest.mark.parametrize(
    ("grade", "evidence"),
    [
        (Grade.A, Evidence.DOCUMENTED),
        (Grade.B, Evidence.DOCUMENTED),
        (Grade.C, Evidence.INFERRED),
        (Grade.D, Evidence.UNKNOWN),
        (Grade.NONE, Evidence.UNKNOWN),
    ],
)
def test_a_grade_becomes_evidence(grade: Grade, evidence: Evidence) -> None:
    assert grade.evidence is evidence


def test_nothing_is_confirmed_for_instagen_itself() -> None:
    assert Evidence.CONFIRMED not in {row.evidence for row in FUNCTIONS.values()}


# facts/cloud-model.md 12 to 16: function of the manual, its row, its grade there. Rows
# without an endpoint and without a guess of ours are missing here: cancelling the account (we
# do not offer it), resetting a forgotten password, editing a grid profile.
PART_TWO = [
    ("12 log in", "login", "A"),
    ("12 who am I", "who_am_i", "A"),
    ("12 log out", "logout", "-"),
    ("12 change e-mail", "change_email", "-"),
    ("12 change password", "change_password", "-"),
    ("12 delete organisation user", "delete_user", "-"),
    ("12 delete owner", "delete_owner", "-"),
    ("13 plant status counters", "plant_state_counts", "C"),
    ("13 total generation chart", "generation_chart", "C"),
    ("13 device counters", "plant_device_counts", "B"),
    ("13 plant list, search", "plants", "A"),
    ("13 favourite (set)", "favourite_plant", "-"),
    ("13 plant detail", "plant", "A"),
    ("13 create plant", "create_plant", "-"),
    ("13 upload cover", "upload_file", "C"),
    ("13 bind owner", "bind_owner", "-"),
    ("13 create owner", "create_owner", "-"),
    ("13 add device by DTU serial", "add_dtu", "-"),
    ("13 regulation information", "save_regulation", "-"),
    ("13 activate", "activate_plant", "-"),
    ("13 edit plant", "edit_plant", "-"),
    ("13 transfer plant", "transfer_plant", "-"),
    ("13 delete plant", "delete_plant", "-"),
    ("13 advanced settings: read", "read_configuration", "B"),
    ("13 advanced settings: write", "write_configuration", "B"),
    ("13 live data", "live_data", "A"),
    ("13 readings", "indicators", "A"),
    ("13 day curves (storage)", "indicator_curve", "B"),
    ("13 day curve (plant)", "power_of_day", "B"),
    ("13 energy balance", "energy_split", "A"),
    ("14 device list per plant", "device_tree", "A"),
    ("14 device list, whole account", "all_dtus", "B"),
    ("14 device details", "dtu", "B"),
    ("14 commands", "command", "A"),
    ("14 firmware: check", "firmware_check", "A"),
    ("14 firmware: packages", "firmware_packages", "C"),
    ("14 DTU replace", "replace_dtu", "-"),
    ("14 delete device", "delete_inverter", "-"),
    ("14 job progress", "command_status", "A"),
    ("14 current alarms, inverter", "inverter_alarms", "B"),
    ("14 current alarms, DTU", "dtu_alarms", "B"),
    ("14 current alarms, all plants", "plant_alarm_flags", "B"),
    ("14 alarm history", "alarm_history", "-"),
    ("14 power report", "power_report", "B"),
    ("14 energy report", "energy_report_totals", "B"),
    ("14 grid profile: list", "grid_profiles", "-"),
    ("15 list organisations", "organisations", "-"),
    ("15 create organisation", "create_organisation", "-"),
    ("15 edit organisation", "edit_organisation", "-"),
    ("15 transfer organisation", "transfer_organisation", "-"),
    ("15 delete organisation", "delete_organisation", "-"),
    ("15 list organisation users", "users", "-"),
    ("15 create organisation user", "create_user", "-"),
    ("15 list owners", "owners", "-"),
    ("15 edit owner", "edit_owner", "-"),
    ("15 reset password", "reset_owner_password", "-"),
    ("16 read battery mode", "read_setting", "A"),
    ("16 write battery mode", "write_setting", "A"),
    ("16 capability flags", "plant_capabilities", "B"),
    ("16 income and cost", "income", "A"),
]


@pytest.mark.parametrize(
    ("name", "mark"), [row[1:] for row in PART_TWO], ids=[row[0] for row in PART_TWO]
)
def test_a_function_of_the_manual_has_a_row_with_its_grade(
    name: str, mark: str
) -> None:
    assert FUNCTIONS[name].grade is (Grade.NONE if mark == "-" else Grade(mark.lower()))


_WRITING = re.compile(
    r"(create|edit|delete|transfer|bind|unbind|add|replace|reset|change|activate|save"
    r"|favourite|upload|write)_|command"
)


@pytest.mark.parametrize("row", FUNCTIONS.values(), ids=FUNCTIONS)
def test_what_changes_something_says_so(row: Function) -> None:
    writes = bool(_WRITING.match(row.name)) and not row.name.endswith("_status")
    assert row.writes is writes
