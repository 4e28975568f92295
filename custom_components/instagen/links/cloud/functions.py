"""What the cloud can be asked for: one row per function, with its evidence.

Paths are those of the micro-service front door; the gateway's names follow from them
(facts/cloud-api.md 1.2). A capture from a real account corrects a row here and no code.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from ...plant.evidence import Evidence


class Grade(StrEnum):
    """How well an endpoint is known for Hoymiles brands (facts/cloud-api.md 0)."""

    A = "a"
    """Two projects, or one and a recorded answer."""

    B = "b"
    """One project."""

    C = "c"
    """A name or a constant; nobody shows the exchange."""

    D = "d"
    """Sources contradict each other."""

    NONE = "none"
    """No public source: the name is our guess by the naming rule."""

    @property
    def evidence(self) -> Evidence:
        """Grade in the house's words; nothing is confirmed for Instagen itself."""
        return _EVIDENCE[self]


_EVIDENCE: Final[Mapping[Grade, Evidence]] = {
    Grade.A: Evidence.DOCUMENTED,
    Grade.B: Evidence.DOCUMENTED,
    Grade.C: Evidence.INFERRED,
    Grade.D: Evidence.UNKNOWN,
    Grade.NONE: Evidence.UNKNOWN,
}


def gateway_name(path: str) -> str:
    """Return the gateway's name of a micro-service path.

    The service and the last two parts, joined with an underscore
    (facts/cloud-api.md 1.2); a dash in those two becomes an underscore as well.
    """
    service, *parts = path.strip("/").split("/")
    return f"{service}/{'_'.join(parts[-2:]).replace('-', '_')}"


@dataclass(frozen=True, kw_only=True)
class Function:
    """One thing to ask the cloud for or to tell it."""

    name: str
    path: str
    """At the micro-service front door."""

    grade: Grade
    manual: str
    """Sections of the manual; a dash where it does not speak of it."""

    gateway: str | None = None
    """Its gateway name, where the naming rule does not give it."""

    writes: bool = False
    binary: bool = False
    """Whether a success is answered in protobuf (facts/cloud-api.md 2.1)."""

    job: str | None = None
    """Name of the function that tells how far the job is that this one starts."""

    @property
    def gateway_path(self) -> str:
        """Name at the gateway."""
        return self.gateway or gateway_name(self.path)

    @property
    def evidence(self) -> Evidence:
        """Grade in the house's words."""
        return self.grade.evidence


_ROWS: Final = (
    # ---- who am I (12) ----
    Function(
        name="login_nonce",
        path="/iam/pub/3/auth/pre-insp",
        grade=Grade.A,
        manual="3.2",
        gateway="iam/auth_pre-insp",
    ),
    Function(name="login", path="/iam/pub/3/auth/login", grade=Grade.A, manual="3.2"),
    Function(
        name="login_legacy", path="/iam/pub/0/auth/login", grade=Grade.A, manual="3.2"
    ),
    Function(
        name="login_region", path="/iam/pub/0/c/region_c", grade=Grade.A, manual="3.2"
    ),
    Function(name="who_am_i", path="/iam/api/1/user/me", grade=Grade.A, manual="3.3"),
    # ---- home page and plants (13) ----
    Function(
        name="plant_state_counts",
        path="/pvm/api/0/statistics/count_station_state",
        grade=Grade.C,
        manual="4.1",
    ),
    Function(
        name="generation_chart",
        path="/pvm-data/api/0/statistics/count_station_eq",
        grade=Grade.C,
        manual="4.1",
        binary=True,
    ),
    Function(
        name="plant_device_counts",
        path="/pvm/api/0/station/count_device",
        grade=Grade.B,
        manual="4.1",
    ),
    Function(
        name="plants",
        path="/pvm/api/0/station/select_by_page",
        grade=Grade.A,
        manual="4.2",
    ),
    Function(
        name="plant", path="/pvm/api/0/station/find", grade=Grade.A, manual="4.2.7"
    ),
    Function(
        name="plant_location",
        path="/pvm-ext/api/0/station-ak/find",
        grade=Grade.B,
        manual="4.2",
    ),
    Function(
        name="plant_capabilities",
        path="/pvm/api/0/station/setting_rule",
        grade=Grade.B,
        manual="5",
    ),
    Function(
        name="upload_file",
        path="/fss/api/0/file/upload",
        grade=Grade.C,
        manual="4.2.1",
        writes=True,
    ),
    Function(
        name="live_data",
        path="/pvm-data/api/0/station/data/count_station_real_data",
        grade=Grade.A,
        manual="4.2.7",
    ),
    Function(
        name="indicators",
        path="/pvm-data/api/0/indicators/data/select_real_indicators_data",
        grade=Grade.A,
        manual="4.2.7",
    ),
    Function(
        name="energy_split",
        path="/pvm-data/api/0/station/data_fd/stat_g_a",
        grade=Grade.A,
        manual="4.2.7",
    ),
    Function(
        name="burst_address",
        path="/pvm/api/0/station/get_sd_uri",
        grade=Grade.A,
        manual="4.2.7",
    ),
    Function(
        name="indicator_curve",
        path="/pvm-data/api/0/indicators/data/cid_g_a",
        grade=Grade.B,
        manual="4.2.7",
        binary=True,
    ),
    Function(
        name="power_of_day",
        path="/pvm-data/api/0/station/data/count_power_by_day",
        grade=Grade.B,
        manual="4.2.7",
        binary=True,
    ),
    Function(
        name="power_of_week",
        path="/pvm-data/api/0/station/data/count_power_by_week",
        grade=Grade.C,
        manual="4.2.7",
        binary=True,
    ),
    Function(
        name="energy_of_day",
        path="/pvm-data/api/0/station/data/count_eq_by_day",
        grade=Grade.C,
        manual="4.2.7",
        binary=True,
    ),
    Function(
        name="energy_of_month",
        path="/pvm-data/api/0/station/data/count_eq_by_day_of_month",
        grade=Grade.B,
        manual="4.2.7",
        binary=True,
    ),
    Function(
        name="energy_of_year",
        path="/pvm-data/api/0/station/data/count_eq_by_month_of_year",
        grade=Grade.C,
        manual="4.2.7",
        binary=True,
    ),
    Function(
        name="energy_of_all_years",
        path="/pvm-data/api/0/station/data/count_eq_by_total_of_year",
        grade=Grade.C,
        manual="4.2.7",
        binary=True,
    ),
    Function(
        name="energy_of_days",
        path="/pvm-data/api/0/station/data/count_eq_by_day_of_year",
        grade=Grade.B,
        manual="4.2.7",
        binary=True,
    ),
    # ---- O&M (14) ----
    Function(
        name="device_tree",
        path="/pvm/api/0/station/select_device_of_tree",
        grade=Grade.A,
        manual="4.3.1",
    ),
    Function(
        name="dtus_with_children",
        path="/pvm/api/0/dev/dtu/select_all",
        grade=Grade.B,
        manual="4.3.1",
    ),
    Function(
        name="dtus",
        path="/pvm/api/0/dev/dtu/select_by_station",
        grade=Grade.A,
        manual="4.3.1",
    ),
    Function(
        name="inverters",
        path="/pvm/api/0/dev/inverter/select_by_station",
        grade=Grade.A,
        manual="4.3.1",
    ),
    Function(
        name="batteries",
        path="/pvm/api/0/dev/battery/select_by_station",
        grade=Grade.B,
        manual="4.3.1",
    ),
    Function(
        name="meters",
        path="/pvm/api/0/dev/meter/select_by_station",
        grade=Grade.B,
        manual="4.3.1",
    ),
    Function(
        name="micro_inverters",
        path="/pvm/api/0/dev/micro/select_by_station",
        grade=Grade.A,
        manual="4.3.1",
    ),
    Function(
        name="all_dtus",
        path="/pvm/api/0/dev/dtu/select_by_page",
        grade=Grade.B,
        manual="4.3.1",
    ),
    Function(name="dtu", path="/pvm/api/0/dev/dtu/find", grade=Grade.B, manual="4.3.1"),
    Function(
        name="command",
        path="/pvm-ctl/api/0/dev/command/put",
        grade=Grade.A,
        manual="4.3.2, 4.3.3",
        writes=True,
        job="command_status",
    ),
    Function(
        name="command_status",
        path="/pvm-ctl/api/0/dev/command/put_status",
        grade=Grade.A,
        manual="4.3.2, 4.3.3",
    ),
    Function(
        name="firmware_check",
        path="/pvm/api/0/upgrade/compare",
        grade=Grade.A,
        manual="4.3.2.4",
    ),
    Function(
        name="firmware_packages",
        path="/pvm/api/0/dev/upg_patch/select_by_sn_prefix",
        grade=Grade.C,
        manual="4.3.2.4",
    ),
    Function(
        name="inverter_alarms",
        path="/monitor/api/0/ng/dev/flesw",
        grade=Grade.B,
        manual="4.3.4",
    ),
    Function(
        name="dtu_alarms",
        path="/monitor/api/0/ng/dev/fldw",
        grade=Grade.B,
        manual="4.3.4",
    ),
    Function(
        name="plant_alarm_flags",
        path="/monitor/api/0/ng/station/flsw",
        grade=Grade.B,
        manual="4.3.4",
    ),
    Function(
        name="device_alarms",
        path="/pvm-data/api/0/module/data/find_details",
        grade=Grade.A,
        manual="4.3.4",
    ),
    Function(
        name="power_report",
        path="/pvm-report/api/0/station/report/select_power_by_station",
        grade=Grade.B,
        manual="4.3.5",
    ),
    Function(
        name="energy_report_totals",
        path="/pvm-report/api/0/station/report/count_eq_by_station",
        grade=Grade.B,
        manual="4.3.5",
    ),
    Function(
        name="brand_energy_report",
        path="/pvm-report/api/0/oem/eq_p_c_1",
        grade=Grade.B,
        manual="4.3.5",
    ),
    Function(
        name="brand_energy_report_totals",
        path="/pvm-report/api/0/oem/count_eq_g_c_1",
        grade=Grade.C,
        manual="4.3.5",
    ),
    # ---- settings of a plant and its inverter (13, 16) ----
    Function(
        name="read_setting",
        path="/pvm-ctl/api/0/dev/setting/read",
        grade=Grade.A,
        manual="5, 4.3.6",
        job="setting_status",
    ),
    Function(
        name="write_setting",
        path="/pvm-ctl/api/0/dev/setting/write",
        grade=Grade.A,
        manual="5",
        writes=True,
        job="setting_status",
    ),
    Function(
        name="setting_status",
        path="/pvm-ctl/api/0/dev/setting/status",
        grade=Grade.A,
        manual="5",
    ),
    Function(
        name="read_configuration",
        path="/pvm-ctl/api/0/dev/config/fetch",
        grade=Grade.B,
        manual="4.2.4",
        job="read_configuration_status",
    ),
    Function(
        name="read_configuration_status",
        path="/pvm-ctl/api/0/dev/config/fetch_status",
        grade=Grade.B,
        manual="4.2.4",
    ),
    Function(
        name="write_configuration",
        path="/pvm-ctl/api/0/dev/config/put",
        grade=Grade.B,
        manual="4.2.4",
        writes=True,
        job="write_configuration_status",
    ),
    Function(
        name="write_configuration_status",
        path="/pvm-ctl/api/0/dev/config/put_status",
        grade=Grade.B,
        manual="4.2.4",
    ),
    Function(
        name="tariff", path="/eps/api/0/setting/g_a", grade=Grade.B, manual="5.1.2"
    ),
    Function(
        name="income", path="/eps/api/0/record/stat_a", grade=Grade.A, manual="5.1.2"
    ),
    Function(
        name="texts",
        path="/dict/pub/0/i18n/select_by_ns_and_lang",
        grade=Grade.C,
        manual="-",
    ),
    # ---- own account (12): no public source from here on; names as in docs/cloud.md ----
    Function(
        name="logout", path="/iam/api/0/auth/logout", grade=Grade.NONE, manual="-"
    ),
    Function(
        name="change_email",
        path="/iam/api/0/user/update_email",
        grade=Grade.NONE,
        manual="3.3",
        writes=True,
    ),
    Function(
        name="change_password",
        path="/iam/api/0/user/update_password",
        grade=Grade.NONE,
        manual="3.3",
        writes=True,
    ),
    # ---- organisations, their users, owners (15) ----
    Function(
        name="organisations",
        path="/iam/api/0/group/select_by_page",
        grade=Grade.NONE,
        manual="4.4.1.2",
    ),
    Function(
        name="organisation",
        path="/iam/api/0/group/find",
        grade=Grade.NONE,
        manual="4.4.1.2",
    ),
    Function(
        name="create_organisation",
        path="/iam/api/0/group/create",
        grade=Grade.NONE,
        manual="4.4.1.1",
        writes=True,
    ),
    Function(
        name="edit_organisation",
        path="/iam/api/0/group/update",
        grade=Grade.NONE,
        manual="4.4.1.2",
        writes=True,
    ),
    Function(
        name="transfer_organisation",
        path="/iam/api/0/group/transfer",
        grade=Grade.NONE,
        manual="4.4.1.2",
        writes=True,
    ),
    Function(
        name="delete_organisation",
        path="/iam/api/0/group/delete",
        grade=Grade.NONE,
        manual="4.4.1.2",
        writes=True,
    ),
    Function(
        name="roles",
        path="/iam/api/0/role/select_all",
        grade=Grade.NONE,
        manual="4.4.2",
    ),
    Function(
        name="users",
        path="/iam/api/0/user/select_by_page",
        grade=Grade.NONE,
        manual="4.4.2",
    ),
    Function(
        name="create_user",
        path="/iam/api/0/user/create",
        grade=Grade.NONE,
        manual="4.4.2",
        writes=True,
    ),
    Function(
        name="delete_user",
        path="/iam/api/0/user/delete",
        grade=Grade.NONE,
        manual="3.4",
        writes=True,
    ),
    Function(
        name="owners",
        path="/iam/api/0/owner/select_by_page",
        grade=Grade.NONE,
        manual="4.4.3",
    ),
    Function(
        name="create_owner",
        path="/iam/api/0/owner/create",
        grade=Grade.NONE,
        manual="4.2.1",
        writes=True,
    ),
    Function(
        name="edit_owner",
        path="/iam/api/0/owner/update",
        grade=Grade.NONE,
        manual="4.4.3",
        writes=True,
    ),
    Function(
        name="reset_owner_password",
        path="/iam/api/0/owner/reset_password",
        grade=Grade.NONE,
        manual="4.4.3",
        writes=True,
    ),
    Function(
        name="delete_owner",
        path="/iam/api/0/owner/delete",
        grade=Grade.NONE,
        manual="3.4",
        writes=True,
    ),
    # ---- plants (13) ----
    Function(
        name="create_plant",
        path="/pvm/api/0/station/create",
        grade=Grade.NONE,
        manual="4.2.1",
        writes=True,
    ),
    Function(
        name="edit_plant",
        path="/pvm/api/0/station/update",
        grade=Grade.NONE,
        manual="4.2.2",
        writes=True,
    ),
    Function(
        name="save_regulation",
        path="/pvm/api/0/station/save_regulation",
        grade=Grade.NONE,
        manual="4.2.1",
        writes=True,
    ),
    Function(
        name="activate_plant",
        path="/pvm/api/0/station/activate",
        grade=Grade.NONE,
        manual="4.2.1",
        writes=True,
    ),
    Function(
        name="transfer_plant",
        path="/pvm/api/0/station/transfer",
        grade=Grade.NONE,
        manual="4.2.3",
        writes=True,
    ),
    Function(
        name="delete_plant",
        path="/pvm/api/0/station/delete",
        grade=Grade.NONE,
        manual="4.2.5",
        writes=True,
    ),
    Function(
        name="favourite_plant",
        path="/pvm/api/0/station/stars",
        grade=Grade.NONE,
        manual="4.2.6",
        writes=True,
    ),
    Function(
        name="bind_owner",
        path="/pvm/api/0/station/bind_owner",
        grade=Grade.NONE,
        manual="4.2.1",
        writes=True,
    ),
    Function(
        name="unbind_owner",
        path="/pvm/api/0/station/unbind_owner",
        grade=Grade.NONE,
        manual="4.4.1.2",
        writes=True,
    ),
    # ---- devices (14) ----
    Function(
        name="add_dtu",
        path="/pvm/api/0/dev/dtu/create",
        grade=Grade.NONE,
        manual="4.2.1",
        writes=True,
    ),
    Function(
        name="replace_dtu",
        path="/pvm/api/0/dev/dtu/replace",
        grade=Grade.NONE,
        manual="4.3.2.5",
        writes=True,
    ),
    Function(
        name="delete_dtu",
        path="/pvm/api/0/dev/dtu/delete",
        grade=Grade.NONE,
        manual="4.2.5",
        writes=True,
    ),
    Function(
        name="delete_inverter",
        path="/pvm/api/0/dev/inverter/delete",
        grade=Grade.NONE,
        manual="4.3.3.9",
        writes=True,
    ),
    Function(
        name="alarm_history",
        path="/monitor/api/0/ng/station/flhw",
        grade=Grade.NONE,
        manual="4.3.4",
    ),
    Function(
        name="grid_profiles",
        path="/pvm/api/0/grid_profile/select_by_page",
        grade=Grade.NONE,
        manual="4.3.6",
    ),
)

FUNCTIONS: Final[Mapping[str, Function]] = MappingProxyType(
    {row.name: row for row in _ROWS}
)
"""All functions by name."""
