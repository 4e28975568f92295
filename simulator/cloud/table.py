"""Every function of the cloud: one row each, as docs/cloud.md lists them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from .rights import Right


@dataclass(frozen=True, slots=True)
class Function:
    """A function: where it is, what it needs, and how well it is known."""

    key: str
    path: str
    grade: str
    right: Right | None = Right.VIEW
    """What the caller needs; None is for everybody, without a token."""

    @property
    def gateway(self) -> str:
        """The name at the gateway, by the rule of facts/cloud-api.md 1.2."""
        service, *_, last_but_one, last = self.path.strip("/").split("/")
        return f"{service}/" + f"{last_but_one}_{last}".replace("-", "_")


_U: Final = "unproven"

_ROWS: Final = (
    # -- log in ----
    Function("region", "/iam/pub/0/c/region_c", "A", None),
    Function("pre_login", "/iam/pub/3/auth/pre-insp", "A", None),
    Function("login_v3", "/iam/pub/3/auth/login", "A", None),
    Function("login_v0", "/iam/pub/0/auth/login", "A", None),
    Function("login_c", "/iam/pub/0/c/login_c", "A", None),
    # -- own account ----
    Function("me", "/iam/api/1/user/me", "A", Right.OWN),
    Function("logout", "/iam/api/0/auth/logout", _U, Right.OWN),
    Function("change_email", "/iam/api/0/user/update_email", _U, Right.OWN),
    Function("change_password", "/iam/api/0/user/update_password", _U, Right.OWN),
    Function("cancel_account", "/iam/api/0/user/cancel", _U, Right.OWN),
    # -- organisations, users, owners ----
    Function(
        "organisations", "/iam/api/0/group/select_by_page", _U, Right.ORGANISATIONS
    ),
    Function("organisation", "/iam/api/0/group/find", _U, Right.ORGANISATIONS),
    Function("create_organisation", "/iam/api/0/group/create", _U, Right.ORGANISATIONS),
    Function("edit_organisation", "/iam/api/0/group/update", _U, Right.ORGANISATIONS),
    Function(
        "transfer_organisation", "/iam/api/0/group/transfer", _U, Right.ORGANISATIONS
    ),
    Function("delete_organisation", "/iam/api/0/group/delete", _U, Right.ORGANISATIONS),
    Function("roles", "/iam/api/0/role/select_all", _U, Right.ORGANISATIONS),
    Function("users", "/iam/api/0/user/select_by_page", _U, Right.ORGANISATIONS),
    Function("create_user", "/iam/api/0/user/create", _U, Right.ORGANISATIONS),
    Function("delete_user", "/iam/api/0/user/delete", _U, Right.ORGANISATIONS),
    Function("owners", "/iam/api/0/owner/select_by_page", _U, Right.OWNERS),
    Function("create_owner", "/iam/api/0/owner/create", _U, Right.CREATE_PLANT),
    Function("edit_owner", "/iam/api/0/owner/update", _U, Right.OWNERS),
    Function(
        "reset_owner_password", "/iam/api/0/owner/reset_password", _U, Right.OWNERS
    ),
    Function("delete_owner", "/iam/api/0/owner/delete", _U, Right.OWNERS),
    # -- plants ----
    Function("plants", "/pvm/api/0/station/select_by_page", "A"),
    Function("plant", "/pvm/api/0/station/find", "A"),
    Function("coordinates", "/pvm-ext/api/0/station-ak/find", "B"),
    Function("plant_states", "/pvm/api/0/statistics/count_station_state", "C"),
    Function("count_devices", "/pvm/api/0/station/count_device", "B"),
    Function("setting_rule", "/pvm/api/0/station/setting_rule", "B"),
    Function("plant_flags", "/monitor/api/0/ng/station/flsw", "B"),
    Function("create_plant", "/pvm/api/0/station/create", _U, Right.CREATE_PLANT),
    Function("edit_plant", "/pvm/api/0/station/update", _U, Right.EDIT_PLANT),
    Function(
        "save_regulation",
        "/pvm/api/0/station/save_regulation",
        _U,
        Right.CREATE_PLANT,
    ),
    Function("activate_plant", "/pvm/api/0/station/activate", _U, Right.CREATE_PLANT),
    Function("transfer_plant", "/pvm/api/0/station/transfer", _U, Right.TRANSFER_PLANT),
    Function("delete_plant", "/pvm/api/0/station/delete", _U, Right.DELETE_PLANT),
    Function("star_plant", "/pvm/api/0/station/stars", _U),
    Function("bind_owner", "/pvm/api/0/station/bind_owner", _U, Right.EDIT_PLANT),
    Function("unbind_owner", "/pvm/api/0/station/unbind_owner", _U, Right.EDIT_PLANT),
    Function("upload_cover", "/fss/api/0/file/upload", "C", Right.CREATE_PLANT),
    # -- devices ----
    Function("device_tree", "/pvm/api/0/station/select_device_of_tree", "A"),
    Function("dtus", "/pvm/api/0/dev/dtu/select_by_station", "A"),
    Function("inverters", "/pvm/api/0/dev/inverter/select_by_station", "A"),
    Function("batteries", "/pvm/api/0/dev/battery/select_by_station", "B"),
    Function("meters", "/pvm/api/0/dev/meter/select_by_station", "B"),
    Function("micros", "/pvm/api/0/dev/micro/select_by_station", "A"),
    Function("all_dtus", "/pvm/api/0/dev/dtu/select_by_page", "B"),
    Function("dtus_with_children", "/pvm/api/0/dev/dtu/select_all", "B"),
    Function("dtu", "/pvm/api/0/dev/dtu/find", "B"),
    Function("device_now", "/pvm-data/api/0/module/data/find_details", "A"),
    Function("add_dtu", "/pvm/api/0/dev/dtu/create", _U, Right.EDIT_PLANT),
    Function("replace_dtu", "/pvm/api/0/dev/dtu/replace", _U, Right.MAINTAIN),
    Function("delete_dtu", "/pvm/api/0/dev/dtu/delete", _U, Right.MAINTAIN),
    Function("delete_inverter", "/pvm/api/0/dev/inverter/delete", _U, Right.MAINTAIN),
    Function("check_firmware", "/pvm/api/0/upgrade/compare", "A"),
    Function(
        "firmware_packages",
        "/pvm/api/0/dev/upg_patch/select_by_sn_prefix",
        "C",
        Right.MAINTAIN,
    ),
    Function(
        "grid_profiles",
        "/pvm/api/0/grid_profile/select_by_page",
        _U,
        Right.GRID_PROFILES,
    ),
    # -- commands and settings ----
    Function("command", "/pvm-ctl/api/0/dev/command/put", "A", Right.NETWORKING),
    Function(
        "command_status",
        "/pvm-ctl/api/0/dev/command/put_status",
        "A",
        Right.NETWORKING,
    ),
    Function("read_setting", "/pvm-ctl/api/0/dev/setting/read", "A"),
    Function(
        "write_setting", "/pvm-ctl/api/0/dev/setting/write", "A", Right.SMART_CONTROL
    ),
    Function("setting_status", "/pvm-ctl/api/0/dev/setting/status", "A"),
    Function("fetch_config", "/pvm-ctl/api/0/dev/config/fetch", "B", Right.ADVANCED),
    Function(
        "fetch_config_status",
        "/pvm-ctl/api/0/dev/config/fetch_status",
        "B",
        Right.ADVANCED,
    ),
    Function("put_config", "/pvm-ctl/api/0/dev/config/put", "B", Right.ADVANCED),
    Function(
        "put_config_status",
        "/pvm-ctl/api/0/dev/config/put_status",
        "B",
        Right.ADVANCED,
    ),
    Function(
        "battery_config",
        "/pvm/api/0/station/setting/battery_config",
        "D",
        Right.SMART_CONTROL,
    ),
    # -- live data, history, alarms, reports, money ----
    Function(
        "live", "/pvm-data/api/0/station/data/count_station_real_data", "A", Right.VIEW
    ),
    Function(
        "indicators",
        "/pvm-data/api/0/indicators/data/select_real_indicators_data",
        "A",
    ),
    Function("energy_split", "/pvm-data/api/0/station/data_fd/stat_g_a", "A"),
    Function("burst_uri", "/pvm/api/0/station/get_sd_uri", "A"),
    Function("power_of_day", "/pvm-data/api/0/station/data/count_power_by_day", "B"),
    Function("energy_of_day", "/pvm-data/api/0/station/data/count_eq_by_day", "C"),
    Function(
        "energy_of_month", "/pvm-data/api/0/station/data/count_eq_by_day_of_month", "B"
    ),
    Function(
        "energy_of_year", "/pvm-data/api/0/station/data/count_eq_by_month_of_year", "C"
    ),
    Function(
        "energy_of_years", "/pvm-data/api/0/station/data/count_eq_by_total_of_year", "C"
    ),
    Function(
        "energy_of_days", "/pvm-data/api/0/station/data/count_eq_by_day_of_year", "B"
    ),
    Function("indicator_curves", "/pvm-data/api/0/indicators/data/cid_g_a", "B"),
    Function("inverter_alarms", "/monitor/api/0/ng/dev/flesw", "B", Right.ALARMS),
    Function("dtu_alarms", "/monitor/api/0/ng/dev/fldw", "B", Right.ALARMS),
    Function("alarm_history", "/monitor/api/0/ng/station/flhw", _U, Right.ALARMS),
    Function(
        "power_report",
        "/pvm-report/api/0/station/report/select_power_by_station",
        "B",
        Right.REPORTS,
    ),
    Function(
        "energy_totals",
        "/pvm-report/api/0/station/report/count_eq_by_station",
        "B",
        Right.REPORTS,
    ),
    Function("energy_report", "/pvm-report/api/0/oem/eq_p_c_1", "B", Right.REPORTS),
    Function(
        "energy_report_totals",
        "/pvm-report/api/0/oem/count_eq_g_c_1",
        "C",
        Right.REPORTS,
    ),
    Function("income", "/eps/api/0/record/stat_a", "A"),
    Function("tariff", "/eps/api/0/setting/g_a", "B"),
    Function("ai_state", "/pvm-ai/api/0/station/sar_g_c", "B"),
)

FUNCTIONS: Final[Mapping[str, Function]] = {row.key: row for row in _ROWS}

_NOT_AT_THE_GATEWAY: Final = {
    "region",
    "pre_login",
    "login_v3",
    "login_c",
    "upload_cover",
}
_MORE_NAMES: Final = {"iam/fun_api_1_user_me": "me"}

BY_PATH: Final[Mapping[str, Function]] = {row.path: row for row in _ROWS}
BY_GATEWAY: Final[Mapping[str, Function]] = {
    **{row.gateway: row for row in _ROWS if row.key not in _NOT_AT_THE_GATEWAY},
    **{name: FUNCTIONS[key] for name, key in _MORE_NAMES.items()},
}
