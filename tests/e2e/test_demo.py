"""The demo shows a plant to a browser, goes on where it stopped, and ends cleanly."""

import asyncio
import json
from pathlib import Path
import signal
from typing import Any

import pytest

from scripts.live.automations import SHOWS
from scripts.live.client import connected
from scripts.live.dashboard import URL_PATH
from scripts.live.demo import STATE

from .conftest import Run, demo

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]


def wait_for_address(run: Run) -> str:
    assert run.process.stdout is not None
    for line in run.process.stdout:
        if URL_PATH in line:
            return line.strip().removesuffix(f"/{URL_PATH}")
    raise AssertionError(run.folder.with_suffix(".err").read_text())


def stop(run: Run) -> int:
    run.process.send_signal(signal.SIGINT)
    run.process.communicate(timeout=90)
    return run.process.returncode


async def look(base: str, state: dict[str, str]) -> tuple[dict[str, Any], set[str]]:
    """Return the dashboard and the entities that have a state."""
    async with connected(base) as client:
        await client.log_in(state["refresh_token"], state["client_id"])
        async with client.socket() as socket:
            saved = await socket.call("lovelace/config", url_path=URL_PATH)
        return saved, {state["entity_id"] for state in await client.get("states")}


def entities_of(card: object) -> set[str]:
    """Collect every entity that a dashboard names."""
    match card:
        case {"entity": str(entity), **rest}:
            return {entity} | entities_of(list(rest.values()))
        case dict():
            return entities_of(list(card.values()))
        case list():
            return set().union(*map(entities_of, card))
    return set()


def test_demo(tmp_path: Path, socket_enabled: None) -> None:
    folder = tmp_path / "demo"
    with demo(folder, "--port", "0") as run:
        base = wait_for_address(run)
        state = json.loads((folder / STATE).read_text())
        dashboard, known = asyncio.run(look(base, state))
        shown = entities_of(dashboard)
        assert len(shown) > 25
        assert {show.entity_id for show in SHOWS} < shown
        assert shown <= known
        assert stop(run) == 0
        assert run.left_over() == []

    with demo(folder, "--keep", "--port", "0") as run:
        again, _ = asyncio.run(look(wait_for_address(run), state))
        assert again == dashboard
        assert stop(run) == 0
        assert run.left_over() == []


def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "holidays"
    folder.mkdir()
    (folder / "photo.jpg").touch()
    with demo(folder, "--check") as run:
        run.process.communicate(timeout=60)
    assert run.process.returncode == 1
    assert [path.name for path in folder.iterdir()] == ["photo.jpg"]
