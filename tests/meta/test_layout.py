"""The house is built as docs/architecture.md says."""

from pathlib import Path

import pytest

from . import ROOT
from .layout_rules import problems

OURS = "custom_components/instagen"


def test_ours() -> None:
    assert problems(ROOT) == []


@pytest.mark.parametrize(
    ("file", "code", "problem"),
    [
        (
            "plant/a.py",
            "import homeassistant.core",
            "plant does not know Home Assistant",
        ),
        ("links/dts/a.py", "from homeassistant import core", "does not know Home"),
        ("simulated/a.py", "def f():\n import homeassistant", "does not know Home"),
        (
            "control/a.py",
            "import homeassistant",
            "control does not know Home Assistant",
        ),
        ("plant/a.py", "from ..links import x", "imports links; plant must not"),
        ("plant/a.py", "from .. import const", "imports const; plant must not"),
        ("plant/b/a.py", "from ...const import X", "imports const; plant must not"),
        (
            "plant/a.py",
            "from custom_components.instagen.links import x",
            "imports links; plant must not",
        ),
        (
            "links/a.py",
            "from ..simulated import x",
            "imports simulated; links must not",
        ),
        ("coordinator.py", "from .platforms.sensor import X", "only their doors may"),
        ("plant/a.py", "import simulator", "imports simulator, which is not shipped"),
        ("sensor.py", "x = 1\n" * 11, "a door of 11 lines"),
        ("plant/utils.py", "", "a name that says nothing"),
        ("plant/a.py", "def f():\n x = 1\n" + " x = 1\n" * 600, "602 lines"),
        ("plant/a.py", "def f():\n" + " x = 1\n" * 80, "f has 81 lines"),
        ("plant/a.py", "class C:\n async def f():\n" + "  x = 1\n" * 80, "f has 81"),
    ],
)
def test_a_mistake_is_found(tmp_path: Path, file: str, code: str, problem: str) -> None:
    path = tmp_path / OURS / file
    path.parent.mkdir(parents=True)
    path.write_text(code)
    assert problem in "\n".join(problems(tmp_path))


def test_the_simulator_shares_no_codec(tmp_path: Path) -> None:
    path = tmp_path / "simulator" / "a.py"
    path.parent.mkdir(parents=True)
    path.write_text("from custom_components.instagen.links.modbus import registers")
    assert "one mistake would cancel the other" in "\n".join(problems(tmp_path))


@pytest.mark.parametrize(
    ("file", "code"),
    [
        ("plant/a.py", "from .b import c\nfrom . import d\nimport struct"),
        ("links/a.py", "from ..plant.readings import READINGS"),
        ("sensor.py", "from .platforms.sensor import async_setup_entry"),
        ("coordinator.py", "import homeassistant\nfrom .links import modbus"),
        ("plant/table.py", "TABLE = (\n" + "    1,\n" * 700 + ")"),
    ],
)
def test_what_is_allowed(tmp_path: Path, file: str, code: str) -> None:
    path = tmp_path / OURS / file
    path.parent.mkdir(parents=True)
    path.write_text(code)
    assert problems(tmp_path) == []
