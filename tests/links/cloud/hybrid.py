"""A hybrid plant at the small cloud: what it uploads, in the shape of 5.3 to 5.5."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from .server import Body, SmallCloud

SID = 7001234
DTU = "430100000001"
INVERTER = "200300000001"


@dataclass
class Hybrid:
    """Its latest upload."""

    age: float = 60.0
    """Seconds since the upload, by a clock that is right."""

    at: datetime | None = None
    """When it says it uploaded, where its clock is wrong."""

    flow: dict[str, Any] = field(
        default_factory=lambda: {
            "pv_power": "1850.0",
            "grid_power": "0.0",
            "load_power": "650.0",
            "bms_power": "1200.0",
            "bms_soc": "64",
            "meter_b_in_eq": "900",
            "meter_b_out_eq": "300",
            "bms_in_eq": "2100",
            "bms_out_eq": "1700",
            "use_eq_total": "4100",
            "mb_in_eq": {"today_eq": "900", "total_eq": "90000"},
            "mb_out_eq": {"today_eq": "300", "total_eq": "41000"},
            "flows": [{"out": 4, "in": 1}, {"out": 4, "in": 10}],
            "icon_pv": 1,
            "icon_grid": 1,
            "icon_load": 1,
            "icon_bms": 1,
            "icon_gen": 0,
            "icon_pvi": 0,
            "work_mode": 1000,
        }
    )
    points: dict[int, dict[str, Any]] = field(
        default_factory=lambda: {
            2: {"grid_state": "1", "p_a": "-200", "i_a": "0.9"},
            4: {"1_pv_v": "410.5", "1_pv_i": "2.2", "1_pv_p": "903", "2_pv_v": "-"},
            6: {
                "p_total": "640",
                "frequency": "50.02",
                "inv_tin": "41.5",
                "inv_state": "3",
                "v_a": "236.1",
                "peps_a": "12",
                "inv_mf": "0",
                "inv_sf": "0",
            },
            10: {"bms_soh": "98", "bms_v": "51.3", "bms_i": "23.4", "bms_tch": "24.5"},
        }
    )
    lifetime: dict[str, Any] = field(
        default_factory=lambda: {
            "consumption_eq": "812000",
            "bms_in_eq": "210000",
            "bms_out_eq": "190000",
        }
    )
    extra_devices: list[dict[str, Any]] = field(default_factory=list)

    def live(self, _: Body | None = None) -> dict[str, Any]:
        """Tell power flow and counters."""
        at = self.at or datetime.now(UTC) - timedelta(seconds=self.age)
        time = at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
        return {
            "today_eq": "4200.0",
            "total_eq": "512000",
            "real_power": "1850.0",
            "data_time": time,
            "last_data_time": time,
            "reflux_station_data": self.flow,
        }

    def indicators(self, body: Body) -> dict[str, Any]:
        """Tell a measuring point, and zeros for one that is not there."""
        entries = self.points.get(body["type"], {"p_total": "0", "v_a": "0"})
        return {
            "pv_total": 2,
            "phase_type": 1,
            "list": [{"key": key, "val": val} for key, val in entries.items()],
        }

    def tree(self, _: Body | None = None) -> list[dict[str, Any]]:
        """Tell the devices."""
        battery = {
            "id": 100000601,
            "sn": "000100000601",
            "type": 10,
            "extend_data": {"bms_capacitor": "10.2"},
            "warn_data": {"connect": True},
            "children": [],
        }
        inverter = {
            "id": 601,
            "sn": INVERTER,
            "type": 6,
            "model_no": "HYS-4.6LV-EUG1",
            "soft_ver": "V00.02.21",
            "warn_data": {"connect": True},
            "children": [battery],
        }
        dtu = {
            "id": 501,
            "sn": DTU,
            "type": 1,
            "model_no": "DTS-WIFI-G1",
            "soft_ver": "V01.00.01",
            "hard_ver": "H11.01.01",
            "warn_data": {"connect": True},
            "children": [inverter, *self.extra_devices],
        }
        return [dtu]

    def fill(self, cloud: SmallCloud) -> None:
        """Let a cloud answer with it."""
        cloud.answers |= {
            "live_data": self.live,
            "indicators": self.indicators,
            "device_tree": self.tree,
            "energy_split": lambda _: self.lifetime,
            "plant": {"id": SID, "timezone": {"name": "UTC", "offset": 0}},
        }
