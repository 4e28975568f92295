"""``scripts/demo --check`` proves what it says."""

from dataclasses import dataclass
import json
from typing import Any

import pytest

from scripts.live.home_assistant import LOG_NAME
from scripts.live.logs import complaints

from .conftest import demo

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]

STEADY = {
    "ac_pv_energy": 1.0,
    "battery_capacity": 0.1,
    "battery_charge_energy": 1.0,
    "battery_discharge_energy": 1.0,
    "battery_soc": 1.0,
    "battery_soh": 0.0,
    "battery_voltage": 2.0,
    "generator_energy": 1.0,
    "grid_export_energy": 2.0,
    "grid_frequency": 0.3,
    "grid_import_energy": 2.0,
    "grid_voltage_l1": 8.0,
    "load_energy": 1.0,
    "pv_energy": 1.0,
}
"""What changes little between a poll and a look at the model, and by how much at most.

A stick's own totals begin with what it counted today, and each phase of its meter counts
for itself: what one imports while another exports is in both."""


SAID = {
    "cheap_rate_charge": "starts to charge to 90 %",
    "solar_surplus_load": "Switches Immersion heater off, because",
    "alarm_notice": "Earth fault: the insulation",
}
"""What the demo's automations say after their cues."""


@dataclass
class Checked:
    exit_code: int
    summary: dict[str, Any]
    log: str
    left_over: list[str]

    @property
    def links(self) -> list[str]:
        links: list[str] = self.summary["links"]
        return links

    def number(self, key: str) -> float:
        return float(self.summary["entities"][key]["value"])


@pytest.fixture(scope="module", params=["dts", "modbus"])
def checked(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Checked:
    """Check the plant over each of its links; the demo without a wish has both."""
    folder = tmp_path_factory.mktemp("check") / "demo"
    with demo(folder, "--check", "--seed", "7", "--link", request.param) as run:
        output, _ = run.process.communicate(timeout=360)
        assert output, folder.with_suffix(".err").read_text()
        log = (folder / LOG_NAME).read_text()
        return Checked(run.process.returncode, json.loads(output), log, run.left_over())


def test_every_expected_entity_has_a_value(checked: Checked) -> None:
    assert checked.summary["missing"] == []
    assert len(checked.summary["entities"]) > 40


def test_it_says_so(checked: Checked) -> None:
    assert checked.summary["entities"]["active_link"]["value"] == checked.links[0]
    assert checked.summary["ok"] is True
    assert checked.exit_code == 0


def test_nothing_of_ours_complains(checked: Checked) -> None:
    assert checked.summary["log_errors"] == []
    assert complaints(checked.log) == []
    assert "has not been tested by Home Assistant" in checked.log


def test_the_energy_dashboard_is_set_up(checked: Checked) -> None:
    assert checked.summary["energy_dashboard"] is True


def test_its_automations_ran(checked: Checked) -> None:
    """Over the stick's own link alone there are none: it tells neither mode nor alarms."""
    ran = checked.summary["automations"]
    expected = SAID if "modbus" in checked.links else {}
    assert ran.keys() == expected.keys()
    for name, said in expected.items():
        assert ran[name]["outcome"] == "finished"
        assert ran[name]["last_triggered"]
        assert said in ran[name]["says"][0]


@pytest.mark.parametrize(("key", "tolerance"), STEADY.items())
def test_a_value_is_the_plants(checked: Checked, key: str, tolerance: float) -> None:
    counter = key.endswith("_energy") and checked.links == ["dts"]
    truth = checked.summary["simulator"][f"{key}_today" if counter else key]
    assert checked.number(key) == pytest.approx(truth, abs=tolerance + 1e-6)


def test_directions_agree(checked: Checked) -> None:
    battery = checked.number("battery_discharge_power") - checked.number(
        "battery_charge_power"
    )
    grid = checked.number("grid_import_power") - checked.number("grid_export_power")
    assert checked.number("battery_power") == pytest.approx(battery, abs=1)
    assert checked.number("grid_power") == pytest.approx(grid, abs=1)


def test_nothing_is_left_running(checked: Checked) -> None:
    assert checked.left_over == []
