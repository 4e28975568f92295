"""docs/cloud.md, the table of functions and the code behind them say the same."""

from pathlib import Path
import re

from simulator.cloud.server import HANDLERS
from simulator.cloud.table import BY_GATEWAY, BY_PATH, FUNCTIONS

DOC = Path(__file__).parents[2] / "docs" / "cloud.md"
ROW = re.compile(
    r"^\| `(\w+)` \| `([^`]+)` \| ([^|]+) \|.*\| ([^|]+) \|$", re.MULTILINE
)


def documented() -> dict[str, tuple[str, list[str], str]]:
    rows = {}
    before = ""
    for key, path, gateway, grade in ROW.findall(DOC.read_text()):
        whole = path
        if path.startswith("..."):
            whole = before.rpartition("/")[0] + path.removeprefix("...")
        before = whole
        rows[key] = (whole, re.findall(r"`([^`]+)`", gateway), grade.strip())
    return rows


def test_every_function_is_documented_with_path_gateway_name_and_grade() -> None:
    rows = documented()
    assert rows.keys() == FUNCTIONS.keys()
    for key, (path, gateway, grade) in rows.items():
        assert path == FUNCTIONS[key].path, key
        served = {name for name, row in BY_GATEWAY.items() if row.key == key}
        assert served == set(gateway), key
        assert grade.startswith(FUNCTIONS[key].grade), key


def test_every_function_is_served_and_no_two_share_a_name() -> None:
    assert HANDLERS.keys() == FUNCTIONS.keys()
    assert len(BY_PATH) == len(FUNCTIONS)
    off = {"region", "pre_login", "login_v3", "login_c", "upload_cover"}
    named = {row.gateway for key, row in FUNCTIONS.items() if key not in off}
    assert len(named) == len(FUNCTIONS) - len(off)


def test_the_naming_rule_explains_the_known_pairs() -> None:
    known = {
        "login_v0": "iam/auth_login",
        "me": "iam/user_me",
        "plants": "pvm/station_select_by_page",
        "dtu": "pvm/dtu_find",
        "battery_config": "pvm/setting_battery_config",
        "live": "pvm-data/data_count_station_real_data",
        "device_now": "pvm-data/data_find_details",
        "coordinates": "pvm-ext/station_ak_find",
        "power_report": "pvm-report/report_select_power_by_station",
        "energy_report": "pvm-report/oem_eq_p_c_1",
    }
    assert {key: FUNCTIONS[key].gateway for key in known} == known
