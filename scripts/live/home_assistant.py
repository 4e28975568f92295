"""A Home Assistant process with a configuration folder of its own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
import json
from pathlib import Path
import shutil
import sys

from . import DOMAIN, ROOT
from .client import Client, connected
from .processes import Child, running
from .waiting import wait_for

START_TIMEOUT = 120.0

CONFIGURATION = """\
# Made by scripts/demo. Not default_config: it wants hardware and system libraries.
homeassistant:
frontend:
config:
history:
logbook:
energy:
sun:
my:
automation: !include automations.yaml
script: !include scripts.yaml
scene: !include scenes.yaml
"""

INCLUDES = {"automations.yaml": "[]\n", "scripts.yaml": "{}\n", "scenes.yaml": "[]\n"}

LOG_NAME = "home-assistant-process.log"


def write_configuration(folder: Path, port: int, more: str) -> None:
    """Prepare a folder; what an earlier run stored in it stays."""
    (folder / "custom_components").mkdir(parents=True, exist_ok=True)
    (folder / ".storage").mkdir(exist_ok=True)
    (folder / "configuration.yaml").write_text(CONFIGURATION + more, encoding="utf-8")
    for name, content in INCLUDES.items():
        if not (folder / name).exists():
            (folder / name).write_text(content, encoding="utf-8")
    integration = folder / "custom_components" / DOMAIN
    integration.unlink(missing_ok=True)
    integration.symlink_to(ROOT / "custom_components" / DOMAIN)
    store = folder / ".storage" / "http"
    store.write_text(json.dumps(_http_store(port)), encoding="utf-8")


def _http_store(port: int) -> dict[str, object]:
    """Make the web server's stored settings: this port, loopback only.

    The same in YAML would be taken on trial only, and undone after five minutes.
    """
    settings = {
        "server_port": port,
        "server_host": ["127.0.0.1"],
        "cors_allowed_origins": [],
        "login_attempts_threshold": -1,
        "ip_ban_enabled": True,
        "ssl_profile": "intermediate_v6",
        "use_x_frame_options": True,
        "created_at": "2026-01-01T00:00:00+00:00",
        "error": None,
        "error_message": None,
    }
    return {
        "version": 3,
        "minor_version": 1,
        "key": "http",
        "data": {"stable": settings, "pending": None, "yaml_migration_done": True},
    }


@asynccontextmanager
async def home_assistant(
    folder: Path, port: int, more: str = ""
) -> AsyncIterator[tuple[Child, Client]]:
    """Run Home Assistant, with more configuration, until its web server answers."""
    write_configuration(folder, port, more)
    hass = shutil.which("hass", path=str(Path(sys.executable).parent))
    assert hass is not None, "run this with the Python of a Home Assistant environment"
    async with (
        running(
            "Home Assistant",
            [hass, "-c", str(folder), "--skip-pip", "--log-no-color"],
            cwd=folder,
            log=folder / LOG_NAME,
            env={"PYTHONPATH": str(ROOT / "scripts" / "standins")},
        ) as child,
        connected(f"http://127.0.0.1:{port}") as client,
    ):

        async def answers() -> bool | None:
            child.check_alive()
            return await client.is_up()

        await wait_for(answers, START_TIMEOUT, "Home Assistant's web server")
        yield child, client


async def wait_until_running(child: Child, client: Client) -> None:
    """Wait until everything that starts with Home Assistant has started."""

    async def state() -> bool | None:
        child.check_alive()
        return True if (await client.get("config"))["state"] == "RUNNING" else None

    await wait_for(state, START_TIMEOUT, "Home Assistant's end of start-up")
