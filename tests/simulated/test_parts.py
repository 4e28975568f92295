"""What can be set on a plant, what is refused, and what it is made of."""

import ast
from datetime import datetime
from pathlib import Path
import sys
from typing import Any

import pytest

from custom_components.instagen import simulated
from custom_components.instagen.simulated import (
    AlarmFamily,
    Battery,
    PlantConfig,
    SimulatedPlant,
    Tariff,
)
from custom_components.instagen.simulated.tariff import (
    DEFAULT_TARIFF,
    DayGroup,
    Season,
    TariffPeriod,
    Window,
)


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("sun", 1.5),
        ("sun", True),
        ("sun", float("nan")),
        ("irradiance", -1),
        ("load", "much"),
        ("load", 1e9),
        ("grid", 1),
        ("soc", 101),
        ("soc", None),
        ("time", "yesterday"),
        ("time", 5),
        ("time", "1970-01-01"),
        ("generator", "on"),
        ("alarms", ["fan"]),
        ("alarms", {"engine": 1}),
        ("alarms", {"battery": "low"}),
        ("alarms", {"battery": ["purple"]}),
        ("alarms", {"arm_system": 0x1_0000}),
        ("alarms", {"battery": [32]}),
        ("battery_mode", "ai"),
        ("battery_mode", 3),
        ("battery_max_soc", 9),
        ("battery_max_soc", 50.5),
        ("force_charge_power", 100.1),
        ("export_control", 1),
        ("low_soc_charge_power", 1001),
        ("weather", "fine"),
    ],
)
def test_what_is_wrong_is_refused_and_changes_nothing(part: str, value: Any) -> None:
    plant = SimulatedPlant()
    before = {**plant.detail(), **plant.state()}
    with pytest.raises(ValueError, match=part):
        plant.set_many({"load": 123, part: value})
    assert {**plant.detail(), **plant.state()} == before


def test_parts_that_are_not_fitted_cannot_be_set() -> None:
    config = PlantConfig(battery=None, generator_power=None, meter=False)
    plant = SimulatedPlant(config)
    for part, value in {"soc": 50, "generator": True, "meter": False}.items():
        with pytest.raises(ValueError, match="not fitted"):
            plant.set(part, value)
    values = plant.state()
    for key in ("battery_mode", "battery_power", "generator_power", "meter_connected"):
        assert key not in values


@pytest.mark.parametrize(
    "wrong",
    [
        {"phases": 2},
        {"rated_power": 0},
        {"initial_soc": 101},
        {"backup_share": 1001},
        {"battery": Battery(capacity=0)},
        {"ac_pv": simulated.AcPv(phases=3), "phases": 1},
        {"strings": (simulated.PvString(),) * 5},
    ],
)
def test_plants_that_cannot_exist_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        PlantConfig(**wrong)


def test_alarms_are_named_and_a_stopping_one_stops_the_inverter() -> None:
    plant = SimulatedPlant()
    plant.set("alarms", {"power_dsp": ["fan", 14], "safety_dsp": 0})
    assert plant.alarm_word(AlarmFamily.POWER_DSP) == 1 << 13 | 1 << 14
    assert plant.state()["problem"] is True
    assert plant.state()["work_status"] == "on_grid"
    plant.set("alarms", {"safety_dsp": ["residual_current"]})
    assert plant.state()["earth_fault"] is True
    assert plant.state()["work_status"] == "fault"
    assert plant.state()["inverter_power"] == 0
    plant.clear_alarms()
    assert plant.state()["problem"] is False


def test_a_lost_meter_and_a_lost_grid_raise_their_alarms() -> None:
    plant = SimulatedPlant()
    plant.set_many({"meter": False, "grid": False})
    values = plant.state()
    assert values["alarm_arm_peripheral"] == 1 << 2
    assert values["alarm_safety_dsp"] == 1 << 7
    assert values["meter_connected"] is False


def test_sun_and_irradiance_can_be_taken_in_hand_and_given_back() -> None:
    plant = SimulatedPlant()
    natural = plant.flows.strings
    plant.set("sun", 0.5)
    assert plant.flows.strings == (3000, 2600)
    plant.set_many({"sun": None, "irradiance": 1000})
    assert 0.8 * 6000 < plant.flows.strings[0] < 6000
    plant.set("night", True)
    assert plant.state()["pv1_voltage"] == 0
    plant.set_many({"irradiance": None, "night": False})
    assert plant.flows.strings == natural


def test_settings_fit_what_is_fitted() -> None:
    bare = SimulatedPlant(PlantConfig(battery=None, generator_power=None)).settings
    assert (bare.generator_port, bare.battery_type, bare.battery_brand) == (3, 0, 0)
    high = SimulatedPlant(PlantConfig(battery=Battery(kind="hv"))).settings
    assert (high.generator_port, high.battery_type, high.battery_brand) == (1, 1, 23)


def test_a_high_voltage_pack_has_hundreds_of_volts() -> None:
    battery = Battery(kind="hv", cells_in_series=100)
    plant = SimulatedPlant(PlantConfig(battery=battery))
    for soc in (0, 50, 100):
        plant.set("soc", soc)
        assert 230 <= float(plant.state()["battery_voltage"] or 0) <= 400
    plant = SimulatedPlant()
    assert 50 <= float(plant.state()["battery_voltage"] or 0) <= 54


def test_readings_are_keyed_as_the_mission_says() -> None:
    values = SimulatedPlant().state()
    single = PlantConfig(phases=1, ac_pv=None)
    assert "grid_voltage_l2" not in SimulatedPlant(single).state()
    expected = [
        "work_status",
        "inverter_power",
        "inverter_temperature",
        "load_power",
        "load_energy",
        "load_energy_today",
        "backup_power",
        "backup_energy",
        "backup_energy_today",
        "pv_power",
        "pv_energy",
        "pv_energy_today",
        "pv1_voltage",
        "pv1_current",
        "pv1_power",
        "pv2_voltage",
        "battery_soc",
        "battery_soh",
        "battery_power",
        "battery_charge_power",
        "battery_discharge_power",
        "battery_voltage",
        "battery_current",
        "battery_temperature",
        "battery_state",
        "battery_capacity",
        "battery_charge_energy",
        "battery_discharge_energy",
        "battery_charge_energy_today",
        "grid_power",
        "grid_import_power",
        "grid_export_power",
        "grid_frequency",
        "grid_voltage_l1",
        "grid_current_l3",
        "grid_import_energy",
        "grid_export_energy_today",
        "generator_power",
        "generator_voltage",
        "generator_frequency",
        "generator_energy",
        "generator_energy_today",
        "ac_pv_power",
        "ac_pv_energy",
        "ac_pv_energy_today",
        "tariff_period",
        "buy_price",
        "sell_price",
        "next_tariff_change",
        "off_grid",
        "problem",
        "dtu_connected",
        "cloud_connected",
        "generator_running",
        "earth_fault",
        "meter_connected",
        "dry_contact_closed",
        "battery_mode",
        "export_limit",
    ]
    assert set(expected) <= set(values)


def test_load_is_the_house_and_the_losses() -> None:
    plant = SimulatedPlant()
    plant.set("load", 1234)
    values = plant.state()
    assert values["house_power"] == 1234
    assert values["load_power"] == 1234 + plant.flows.losses


NIGHT = Window(1410, 330)


def band(tariff: Tariff, day: int, hour: int, minute: int = 0) -> TariffPeriod | None:
    """Return the band in June 2026; the 15th is a Monday."""
    zone = SimulatedPlant().zone
    return tariff.band(datetime(2026, 6, day, hour, minute, tzinfo=zone))


def test_bands_follow_group_and_hour() -> None:
    assert band(DEFAULT_TARIFF, 15, 0, 29) is TariffPeriod.PARTIAL_PEAK
    assert band(DEFAULT_TARIFF, 15, 0, 30) is TariffPeriod.OFF_PEAK
    assert band(DEFAULT_TARIFF, 15, 4, 30) is TariffPeriod.PARTIAL_PEAK
    assert band(DEFAULT_TARIFF, 15, 16) is TariffPeriod.PEAK
    assert band(DEFAULT_TARIFF, 20, 16) is TariffPeriod.PARTIAL_PEAK


@pytest.mark.parametrize("by_start_day", [False, True])
def test_the_part_after_midnight_belongs_to_one_of_two_days(
    by_start_day: bool,
) -> None:
    groups = (
        DayGroup(weekdays=frozenset(range(5)), off_peak=NIGHT),
        DayGroup(weekdays=frozenset({5, 6}), off_peak=Window(0, 60)),
    )
    tariff = Tariff(
        seasons=(Season(groups=groups),), window_belongs_to_start_day=by_start_day
    )
    cheap, dear = TariffPeriod.OFF_PEAK, TariffPeriod.PARTIAL_PEAK
    assert band(tariff, 19, 23, 45) is cheap
    assert band(tariff, 20, 3) is (cheap if by_start_day else dear)
    assert band(tariff, 22, 3) is (dear if by_start_day else cheap)


def test_a_season_may_cross_new_year() -> None:
    winter = Season(first=(11, 1), last=(2, 28), groups=(DayGroup(),))
    tariff = Tariff(seasons=(winter,))
    assert band(tariff, 15, 12) is None
    zone = SimulatedPlant().zone
    assert tariff.band(datetime(2026, 1, 5, tzinfo=zone)) is TariffPeriod.PARTIAL_PEAK


def test_the_next_change_is_told_in_utc() -> None:
    zone = SimulatedPlant().zone
    change = DEFAULT_TARIFF.next_change(datetime(2026, 6, 15, 12, tzinfo=zone))
    assert change is not None
    assert change.isoformat() == "2026-06-15T15:00:00+00:00"
    assert Tariff().next_change(datetime(2026, 6, 15, tzinfo=zone)) is None


def test_only_the_standard_library_and_the_plant_are_imported() -> None:
    folder = Path(simulated.__file__).parent
    for path in folder.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                names = [node.module or ""]
            elif isinstance(node, ast.ImportFrom) and node.level > 1:
                assert (node.module or "").split(".")[0] == "plant", path.name
            for name in names:
                assert name.split(".")[0] in sys.stdlib_module_names, path.name
