"""One run of the demo, from an empty folder (or the last run's) to a clean stop."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
import json
from pathlib import Path
import sys
import time

from . import automations, dashboard, house
from .check import Subject, check
from .client import PASSWORD, USER, Client
from .entities import list_entities
from .home_assistant import home_assistant, wait_until_running
from .plant import add, existing_entry, set_up_energy_dashboard
from .simulator import Simulator, simulator

STATE = "demo.json"
"""What a later run, or a visitor, has to know: address, login, the simulator's ports."""

LOOK_AFTER_INTERVAL = 1.0

HALF_FULL = 50
"""Percent in the battery at the start, so that there is something to charge."""


@dataclass(frozen=True, kw_only=True)
class Options:
    """What a run is to do."""

    folder: Path
    port: int
    check_only: bool
    links: Sequence[str]
    simulator: Sequence[str]


def say(text: str) -> None:
    """Show progress beside the summary, which has standard output for itself."""
    print(f"demo: {text}", file=sys.stderr, flush=True)


async def run(options: Options) -> int:
    """Start everything, do what was asked for, stop everything; return an exit code."""
    begun = time.monotonic()
    state = options.folder / STATE
    kept = json.loads(state.read_text(encoding="utf-8")) if state.exists() else {}
    async with AsyncExitStack() as stack:
        say("starting the simulated plant")
        plant = await stack.enter_async_context(
            simulator(
                options.folder,
                kept.get("links") or dict.fromkeys(options.links, 0),
                options.simulator,
            )
        )
        if (await plant.truth()).get("battery_soc") is not None:
            await plant.set(soc=HALF_FULL)
        say("starting Home Assistant")
        hass, client = await stack.enter_async_context(
            home_assistant(
                options.folder,
                options.port,
                house.configuration(plant.ports["control"]),
            )
        )
        if kept:
            await client.log_in(kept["refresh_token"], kept["client_id"])
        else:
            say("creating the user and closing the first steps")
            await client.onboard()
        _remember(state, client, plant)
        await wait_until_running(hass, client)
        entry_id = await existing_entry(client)
        if entry_id is None:
            say("adding the plant through its config flow")
            entry_id = await add(client, plant)
        shows = await _make_automations(client, plant, entry_id)
        subject = Subject(hass, client, plant, entry_id, shows, begun)
        return await (_check if options.check_only else _show)(subject, options)


async def _make_automations(
    client: Client, plant: Simulator, entry_id: str
) -> tuple[automations.Show, ...]:
    """Put the blueprints to work where the link tells mode and alarms."""
    if "modbus" not in plant.links:
        say("no automations: the stick's own link tells neither mode nor alarms")
        return ()
    say("making automations of the blueprints")
    async with client.socket() as socket:
        entities = await list_entities(socket, entry_id)
    return await automations.install(client, entry_id, entities.values())


def _remember(state: Path, client: Client, plant: Simulator) -> None:
    known = {
        "base": client.base,
        "client_id": client.client_id,
        "refresh_token": client.refresh_token,
        "links": plant.links,
    }
    state.write_text(json.dumps(known), encoding="utf-8")


async def _check(subject: Subject, _: Options) -> int:
    say("waiting for a value of every entity")
    summary = await check(subject)
    print(json.dumps(summary, indent=2), flush=True)
    return 0 if summary["ok"] else 1


async def _show(subject: Subject, options: Options) -> int:
    """Show the plant until cancelled, or until one of the programs ends by itself."""
    await dashboard.build(subject.client, subject.entry_id, subject.automations)
    if await set_up_energy_dashboard(subject.client, subject.entry_id):
        say("the Energy dashboard is set up")
    print(
        f"\n  {subject.client.base}/{dashboard.URL_PATH}\n"
        f"  user {USER}, password {PASSWORD}\n\n"
        f"  logs and data: {options.folder}\n"
        "  Ctrl-C stops everything.\n",
        flush=True,
    )
    story = house.Story(subject.client, house.STORY if subject.automations else ())
    begun = time.monotonic()
    while True:
        for told in await story.go_on(time.monotonic() - begun):
            say(told)
        subject.home_assistant.check_alive()
        subject.plant.child.check_alive()
        await asyncio.sleep(LOOK_AFTER_INTERVAL)
