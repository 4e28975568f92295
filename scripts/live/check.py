"""The demo's own proof: entities get values, automations run, nobody complains."""

from contextlib import suppress
from dataclasses import dataclass
import platform
import time
from typing import Any

from . import LiveError
from .automations import Show, rehearse
from .client import Client
from .entities import (
    enable_all,
    expected_keys,
    list_entities,
    read_values,
    without_value,
)
from .logs import complaints
from .plant import set_up_energy_dashboard
from .processes import Child
from .simulator import Simulator
from .waiting import WaitError, wait_for

VALUE_TIMEOUT = 180.0

type Summary = dict[str, Any]


@dataclass(frozen=True)
class Subject:
    """What is looked at: the processes and the way into them."""

    home_assistant: Child
    client: Client
    plant: Simulator
    entry_id: str
    automations: tuple[Show, ...]
    begun: float


async def check(subject: Subject) -> Summary:
    """Wait until every expected key has a value and sum up what was seen."""
    truth = await subject.plant.truth()
    expected = expected_keys(truth, subject.plant.links)
    # First, for Home Assistant reloads the plant half a minute after entities were
    # enabled. An earth fault is the cue of most; where one stands nothing comes of it.
    energy = await _set_up_energy(subject)
    shows = () if truth.get("earth_fault") else subject.automations
    automations = await rehearse(subject.client, shows)
    await enable_all(subject.client, subject.entry_id)
    values: dict[str, dict[str, str | None]] = {}

    async def complete() -> bool | None:
        nonlocal values
        subject.home_assistant.check_alive()
        subject.plant.child.check_alive()
        async with subject.client.socket() as socket:
            entities = await list_entities(socket, subject.entry_id)
        values = await read_values(subject.client, entities.values())
        return None if without_value(values, expected) else True

    # When the time is over the summary names what is missing; that says more.
    with suppress(WaitError):
        await wait_for(complete, VALUE_TIMEOUT, "a value for every key")
    missing = without_value(values, expected)
    looked = await _look(subject)
    return {
        "ok": (
            not missing
            and not looked["log_errors"]
            and energy is True
            and all(automations.values())
        ),
        "entities": values,
        "missing": missing,
        "energy_dashboard": energy,
        "automations": automations,
        **looked,
    }


async def _set_up_energy(subject: Subject) -> bool | str:
    try:
        return await set_up_energy_dashboard(subject.client, subject.entry_id)
    except LiveError as error:
        return str(error)


async def _look(subject: Subject) -> Summary:
    truth = await subject.plant.truth()
    log = subject.home_assistant.log.read_text(encoding="utf-8", errors="replace")
    config = await subject.client.get("config")
    return {
        "seconds": round(time.monotonic() - subject.begun, 1),
        "links": list(subject.plant.links),
        "log_errors": complaints(log),
        "simulator": truth,
        "versions": {
            "home_assistant": config["version"],
            "python": platform.python_version(),
        },
    }
