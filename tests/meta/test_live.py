"""The parts of the demo that decide something."""

from collections.abc import Mapping
from pathlib import Path
import socket
from typing import Any, cast

from homeassistant.util.yaml import load_yaml
import pytest

from scripts.live import DOMAIN, ROOT, LiveError
from scripts.live.__main__ import arguments, choose_port, simulator_options
from scripts.live.automations import SHOWS, Show
from scripts.live.client import Client
from scripts.live.config_flow import fill
from scripts.live.dashboard import layout
from scripts.live.entities import Entity, expected_keys, without_value
from scripts.live.folder import run_folder
from scripts.live.house import STORY, Story
from scripts.live.logs import complaints
from scripts.summarise_tests import main as summarise

LOG = """\
2026-11-22 11:00:44.904+00:00 WARNING (MainThread) [homeassistant.loader] \
We found a custom integration instagen which has not been tested by Home Assistant
2026-11-22 11:00:45.000+00:00 ERROR (MainThread) [haffmpeg.core] no ffmpeg
Traceback (most recent call last):
  File "haffmpeg/core.py", line 1, in open
2026-11-22 11:00:46.000+00:00 INFO (MainThread) [custom_components.instagen] back
"""
NEXT = "2026-11-22 11:00:47.000+00:00 {} (MainThread) [{}] {}\n"


def test_others_may_complain() -> None:
    assert complaints(LOG) == []


@pytest.mark.parametrize(
    ("level", "logger", "message"),
    [
        ("ERROR", "custom_components.instagen.coordinator", "lost"),
        ("WARNING", "custom_components.instagen", "odd"),
        ("ERROR", "homeassistant", 'Oops\n  File "custom_components/instagen/a.py"'),
        ("INFO", "asyncio", "Traceback\n  custom_components/instagen/a.py"),
        (
            "WARNING",
            "homeassistant.helpers.frame",
            "custom integration 'instagen' uses",
        ),
    ],
)
def test_our_complaints_are_found(level: str, logger: str, message: str) -> None:
    record = NEXT.format(level, logger, message)
    assert complaints(LOG + record + NEXT.format("INFO", "x", "y")) == [record.strip()]


def test_a_form_is_filled() -> None:
    schema: list[Mapping[str, Any]] = [
        {"name": "host", "required": True},
        {"name": "port", "required": True, "default": 502},
        {"name": "note", "optional": True},
        {"name": "more", "type": "expandable", "schema": [{"name": "unit_id"}]},
    ]
    assert fill(schema, {"host": "x", "unit_id": 1}) == {
        "host": "x",
        "port": 502,
        "more": {"unit_id": 1},
    }
    with pytest.raises(LiveError, match="host"):
        fill(schema, {})


def test_keys_follow_what_is_fitted() -> None:
    bare = expected_keys({"pv_power": 0, "battery_soc": None}, ["modbus"])
    told = {"pv_power": 0, "battery_soc": 50, "pv2_power": 0}
    fitted = expected_keys(told, ["modbus"])
    assert {"pv_power", "load_power", "last_update", "alarm"} <= bare
    assert "faults" not in fitted
    assert fitted - bare >= {"battery_soc", "battery_power", "pv2_voltage"}
    assert "pv3_power" not in fitted
    assert expected_keys(told, ["dts", "modbus"]) - fitted == {"cloud_connected"}


def test_a_value_is_missing() -> None:
    def value(text: str) -> dict[str, str | None]:
        return {"value": text, "unit": None}

    values = {
        "pv_power": value("0"),
        "load_power": value("unknown"),
        "grid_power": value("unavailable"),
        "alarm": value("unknown"),
    }
    expected = [*values, "battery_power"]
    assert without_value(values, expected) == [
        "battery_power",
        "grid_power",
        "load_power",
    ]


def test_the_dashboard_shows_only_what_is_there() -> None:
    entities = [
        Entity("pv_power", "sensor.a", disabled=False),
        Entity("load_power", "sensor.b", disabled=True),
    ]
    text = str(layout(entities, ()))
    assert "sensor.a" in text
    assert "sensor.b" not in text
    assert "'heading': 'Battery'" not in text
    assert "Automations at work" not in text
    assert "Automations at work" in str(layout(entities, SHOWS))


@pytest.mark.parametrize("show", SHOWS, ids=lambda show: show.blueprint)
def test_an_automation_of_the_demo_fills_the_blueprints_form(show: Show) -> None:
    path = ROOT / "blueprints" / "automation" / DOMAIN / f"{show.blueprint}.yaml"
    loaded: Any = load_yaml(path)
    asked = {
        key: given
        for section in loaded["blueprint"]["input"].values()
        for key, given in section["input"].items()
    }
    given = show.inputs("01K", {key: f"sensor.{key}" for key in show.needs})
    assert given.keys() <= asked.keys()
    assert {key for key in asked if "default" not in asked[key]} <= given.keys()


async def test_the_demos_story_is_told_once_and_in_order() -> None:
    sent: list[tuple[str, str]] = []

    class Listener:
        async def post(self, path: str, data: Mapping[str, str]) -> None:
            sent.append((path.rpartition("/")[2], data["entity_id"]))

    story = Story(cast("Client", Listener()))
    assert await story.go_on(0) == []
    assert len(await story.go_on(5)) == 2
    assert await story.go_on(6) == []
    assert len(await story.go_on(1000)) == len(STORY) - 2
    assert await story.go_on(2000) == []
    assert sent == [("turn_on" if cue.on else "turn_off", cue.switch) for cue in STORY]
    left_on = {cue.switch for cue in STORY if cue.on}
    for cue in STORY:
        (left_on.add if cue.on else left_on.discard)(cue.switch)
    assert left_on == set()


def test_a_busy_port_is_refused(socket_enabled: None) -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        with pytest.raises(LiveError, match="in use"):
            choose_port(busy.getsockname()[1], check_only=False)
    assert choose_port(None, check_only=True) > 0


def test_the_simulators_options_are_passed_on() -> None:
    args = arguments(["--speed", "60", "--scenario", "night", "--check"])
    assert simulator_options(args) == ["--speed", "60.0", "--scenario", "night"]


def test_a_run_has_its_folder_for_itself(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    with run_folder(folder, keep=False):
        (folder / "data").touch()
        with pytest.raises(LiveError, match="another"), run_folder(folder, keep=True):
            pass
    with run_folder(folder, keep=True):
        assert (folder / "data").exists()
    with run_folder(folder, keep=False):
        assert not (folder / "data").exists()


def test_a_strange_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "holidays").mkdir()
    (tmp_path / "holidays" / "photo.jpg").touch()
    with pytest.raises(LiveError), run_folder(tmp_path / "holidays", keep=False):
        pass
    assert (tmp_path / "holidays" / "photo.jpg").exists()


def test_the_summary_adds_up(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, numbers in (("a", (10, 1, 0, 2)), ("b", (5, 0, 1, 0))):
        tests, failures, errors, skipped = numbers
        (tmp_path / f"{name}.xml").write_text(
            f'<testsuites><testsuite tests="{tests}" failures="{failures}"'
            f' errors="{errors}" skipped="{skipped}"/></testsuites>'
        )
    summarise("9", str(tmp_path / "a.xml"), str(tmp_path / "b.xml"))
    assert capsys.readouterr().out.splitlines() == [
        "a: 1 failed, 7 passed, 2 skipped",
        "b: 4 passed, 1 errors",
        "===== 1 failed, 11 passed, 2 skipped, 1 errors in 9s =====",
    ]
