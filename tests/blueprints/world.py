"""A Home Assistant with one blueprint at work, and a stand-in for the plant's leases.

The stand-in keeps the contract of ``instagen``'s actions: one lease for each owner, the
same wish again does nothing, the highest priority has the battery, and a lease ends by
itself. So a blueprint is tested against what it can see: actions, and the lease sensor.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import EVENT_HOMEASSISTANT_STARTED
from homeassistant.core import (
    Event,
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.entity import entity_sources
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from custom_components.instagen.const import DOMAIN
from custom_components.instagen.services.tariff_sync import SYNC_TARIFF_SCHEMA

ROOT: Final = Path(__file__).parents[2]
BLUEPRINTS: Final = ROOT / "blueprints"
TOLD: Final = "told"
"""The event that carries a blueprint's message in these tests."""

TICK: Final = 300
"""Seconds between two ticks of most blueprints."""

_MODES: Final = {
    "force_charge": "force_charge",
    "force_discharge": "force_discharge",
    "hold": "hold",
    "request_mode": "",
}
_ASKED: Final = ("mode", "target_soc", "power")


def path_of(domain: str, name: str) -> Path:
    """Return a blueprint's file."""
    return BLUEPRINTS / domain / DOMAIN / f"{name}.yaml"


class World:
    """What a blueprint sees, and what it did."""

    def __init__(self, hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
        """Put a plant's lease sensor into Home Assistant, and take its actions."""
        self.hass = hass
        self.freezer = freezer
        self.plant = MockConfigEntry(domain=DOMAIN, title="Roof")
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.leases: list[dict[str, Any]] = []
        self.paused: list[str] = []
        self.refusing = False
        self.refused = 0
        self.sticks = False
        """Whether a switch that is told to switch stays as it is."""
        self.alarms: list[dict[str, Any]] = []
        self.events: dict[str, list[dict[str, Any]]] = {}
        self.messages: list[str] = []
        self.logbook: list[str] = []
        self._configs: dict[str, list[dict[str, Any]]] = {
            "automation": [],
            "script": [],
        }
        self._count = 0

    # ---- the world before it begins ----

    async def prepare(self) -> None:
        """Register what the blueprints call."""
        self.plant.add_to_hass(self.hass)
        self.load(loaded=True)
        registry = er.async_get(self.hass)
        row = registry.async_get_or_create(
            "sensor", DOMAIN, "lease", config_entry=self.plant
        )
        self.lease_sensor = row.entity_id
        entity_sources(self.hass)[self.lease_sensor] = {"domain": DOMAIN}
        self._show()
        for action in _MODES:
            self._register(DOMAIN, action, self._lease)
        self._register(DOMAIN, "cancel_override", self._cancel)
        self._register(DOMAIN, "sync_tariff", self._sync)
        self._register(DOMAIN, "get_alarms", self._get_alarms)
        self._register("logbook", "log", self._log)
        self._register("calendar", "get_events", self._get_events)
        for domain in ("switch", "input_boolean"):
            for action in ("turn_on", "turn_off"):
                self._register(domain, action, self._switch)
        for action in ("turn_on", "turn_off"):
            self._register("homeassistant", action, self._switch)
        self._register("number", "set_value", self._number)
        self._register("input_text", "set_value", self._text)
        self._register("input_datetime", "set_datetime", self._datetime)
        self._register("counter", "increment", self._counter)
        self._register("counter", "reset", self._counter)
        self.hass.bus.async_listen(TOLD, self._hear)

    def _register(self, domain: str, action: str, handler: Any) -> None:
        self.hass.services.async_register(
            domain, action, handler, supports_response=SupportsResponse.OPTIONAL
        )

    # ---- what a test does ----

    async def use(
        self, name: str, inputs: dict[str, Any], *, domain: str = "automation"
    ) -> None:
        """Set one blueprint up, with its messages fired as events."""
        heard = {"event": TOLD, "event_data": {"message": "{{ message }}"}}
        given = {"on_message": [heard], **inputs}
        file = path_of(domain, name)
        if "  plant:" in file.read_text():
            given = {"plant": self.plant.entry_id, **given}
        used = {"path": f"{DOMAIN}/{name}.yaml", "input": given}
        config: dict[str, Any] = {"use_blueprint": used}
        if domain == "automation":
            self._configs[domain].append({"id": name, "alias": name, **config})
        else:
            self._configs[domain].append({name: config})
        shown: Any = self._configs[domain]
        if domain == "script":
            shown = {key: value for one in shown for key, value in one.items()}
        assert await async_setup_component(self.hass, domain, {domain: shown})
        await self.settle()

    async def set(self, entity_id: str, state: Any, /, **attributes: Any) -> None:
        """Show a state, and let the blueprints react."""
        self.hass.states.async_set(entity_id, str(state), attributes)
        await self.settle()

    async def set_all(self, states: dict[str, Any]) -> None:
        """Show several states."""
        for entity_id, state in states.items():
            self.hass.states.async_set(entity_id, str(state))
        await self.settle()

    async def settle(self) -> None:
        """Wait until nothing is under way."""
        await self.hass.async_block_till_done()

    async def go_to(self, moment: datetime) -> None:
        """Let time come to a moment at once, without what was between."""
        self.freezer.move_to(moment.astimezone(UTC))
        await self._time_came()

    async def pass_time(self, minutes: float, *, pace: float = 60) -> None:
        """Let time go by in steps of some seconds, each of which Home Assistant sees."""
        end = dt_util.utcnow() + timedelta(minutes=minutes)
        while (left := (end - dt_util.utcnow()).total_seconds()) > 0:
            self.freezer.tick(min(left, pace))
            await self._time_came()

    async def tick(self) -> None:
        """Let time come to the next five minutes."""
        passed = dt_util.utcnow().timestamp() % TICK
        self.freezer.tick(TICK - passed)
        await self._time_came()

    async def restart(self, *, away: float = 0) -> None:
        """Stop the automations for some minutes and start them as a boot does."""
        await self.stop()
        await self.start(away=away)

    async def stop(self) -> None:
        """Stop the automations; what they remember is what a boot would give back."""
        await self._reload([])

    async def start(self, *, away: float = 0) -> None:
        """Start the automations after some minutes, as a boot does."""
        self.freezer.tick(away * 60)
        self._expire()
        await self._reload(self._configs["automation"])
        self.hass.bus.async_fire(EVENT_HOMEASSISTANT_STARTED)
        await self.settle()

    async def _reload(self, automations: list[dict[str, Any]]) -> None:
        with patch(
            "homeassistant.config.async_hass_config_yaml",
            return_value={"automation": automations},
        ):
            await self.hass.services.async_call("automation", "reload", blocking=True)
            await self.settle()

    async def end(self) -> None:
        """Turn everything off: the tick leaves a timer otherwise."""
        self.load(loaded=False)
        if self._configs["automation"]:
            await self._reload([])

    async def _time_came(self) -> None:
        self._expire()
        async_fire_time_changed(self.hass, dt_util.utcnow())
        await self.settle()

    # ---- what a test looks at ----

    def shown(self, entity_id: str) -> str:
        """Return an entity's state."""
        state = self.hass.states.get(entity_id)
        assert state is not None
        return state.state

    def is_on(self, entity_id: str) -> bool:
        """Return whether an entity is on."""
        return self.shown(entity_id) == "on"

    def made(self, *actions: str) -> list[dict[str, Any]]:
        """Return the data of the calls of some actions."""
        return [data for action, data in self.calls if action in actions]

    @property
    def wishes(self) -> list[tuple[str, dict[str, Any]]]:
        """Return the calls for leases."""
        return [call for call in self.calls if call[0] in _MODES]

    @property
    def cancelled(self) -> int:
        """Return how often a lease was let go."""
        return len(self.made("cancel_override"))

    def lease_of(self, owner: str) -> dict[str, Any] | None:
        """Return an owner's lease."""
        return next((one for one in self.leases if one["owner"] == owner), None)

    def forget(self) -> None:
        """Forget what was done so far."""
        self.calls.clear()
        self.messages.clear()
        self.logbook.clear()

    # ---- the plant ----

    def give_to(self, owner: str, *, priority: int = 90, hours: float = 2) -> None:
        """Give the battery to somebody else."""
        until = dt_util.utcnow() + timedelta(hours=hours)
        self._count += 1
        lease = {"owner": owner, "mode": "hold", "priority": priority, "until": until}
        self.leases.append({**lease, "target_soc": None, "power": None, "id": "x"})
        self._show()

    def overrule(self) -> None:
        """Let a human change the mode: the leases end, their owners wait."""
        self.paused = [lease["owner"] for lease in self.leases]
        self.leases.clear()
        self._show()

    def resume(self) -> None:
        """Let owners that wait ask again."""
        self.paused = []
        self._show()

    def load(self, *, loaded: bool) -> None:
        """Set the plant up, or let it be what a plant is that could not be."""
        state = ConfigEntryState.LOADED if loaded else ConfigEntryState.SETUP_RETRY
        self.plant.mock_state(self.hass, state)

    def hide(self) -> None:
        """Switch the lease sensor off."""
        entity_sources(self.hass).pop(self.lease_sensor)

    async def _lease(self, call: ServiceCall) -> ServiceResponse:
        data = dict(call.data)
        self.calls.append((call.service, data))
        if self.refusing:
            self.refused += 1
            raise HomeAssistantError("refused")
        until = dt_util.parse_datetime(str(data["until"]), raise_on_error=True)
        assert until.tzinfo, "a wish's end names its time zone"
        ahead = until - dt_util.utcnow()
        assert timedelta(0) < ahead <= timedelta(hours=24), f"ends {ahead} ahead"
        self._count += 1
        lease = {
            "id": f"lease-{self._count}",
            "owner": data["owner"],
            "mode": _MODES[call.service] or data["mode"],
            "target_soc": data.get("target_soc"),
            "power": data.get("power"),
            "priority": int(data["priority"]),
            "until": until,
        }
        if data["dry_run"] in {True, "True", "true"}:
            return {"lease_id": lease["id"], "state": "dry_run"}
        old = self.lease_of(lease["owner"])
        if old is not None and all(
            old.get(key) == lease[key] for key in ("mode", "target_soc", "power")
        ):
            old["until"] = until
            lease = old
        else:
            self.leases = [one for one in self.leases if one is not old]
            self.leases.append(lease)
        self._show()
        granted = self._current is lease
        return {"lease_id": lease["id"], "state": "granted" if granted else "queued"}

    async def _cancel(self, call: ServiceCall) -> ServiceResponse:
        data = dict(call.data)
        self.calls.append((call.service, data))
        owner = data.get("owner")
        gone = [one for one in self.leases if owner in {None, one["owner"]}]
        self.leases = [one for one in self.leases if one not in gone]
        self._show()
        return {"cancelled": [{"lease_id": one["id"]} for one in gone]}

    @property
    def _current(self) -> dict[str, Any] | None:
        ranked = sorted(self.leases, key=lambda one: -one["priority"])
        return ranked[0] if ranked else None

    def _expire(self) -> None:
        now = dt_util.utcnow()
        if any(one["until"] <= now for one in self.leases):
            self.leases = [one for one in self.leases if one["until"] > now]
            self._show()

    def _show(self) -> None:
        holder = self._current
        self.hass.states.async_set(
            self.lease_sensor,
            holder["mode"] if holder else "none",
            {
                "owner": holder and holder["owner"],
                "target": holder and holder["target_soc"],
                "power": holder and holder["power"],
                "priority": holder and holder["priority"],
                "lease_id": holder and holder["id"],
                "until": holder and holder["until"].isoformat(),
                "queued": [one["owner"] for one in self.leases if one is not holder],
                "waiting": {
                    one["owner"]: {
                        "mode": one["mode"],
                        "target": one["target_soc"],
                        "until": one["until"].isoformat(),
                    }
                    for one in self.leases
                    if one is not holder
                },
                "paused": sorted(self.paused),
            },
        )

    # ---- the rest of the house ----

    async def _sync(self, call: ServiceCall) -> ServiceResponse:
        self.calls.append((call.service, dict(call.data)))
        if self.refusing:
            self.refused += 1
            raise HomeAssistantError("refused")
        SYNC_TARIFF_SCHEMA(dict(call.data))
        state = "dry_run" if call.data["dry_run"] else "verified"
        return {"fidelity": 97, "state": state, "valid": True}

    async def _get_alarms(self, call: ServiceCall) -> ServiceResponse:
        self.calls.append((call.service, dict(call.data)))
        return {"alarms": [*self.alarms]}

    async def _get_events(self, call: ServiceCall) -> ServiceResponse:
        asked = call.data["entity_id"]
        ids = [asked] if isinstance(asked, str) else asked
        return {one: {"events": [*self.events.get(one, [])]} for one in ids}

    async def _log(self, call: ServiceCall) -> None:
        self.logbook.append(call.data["message"])

    async def _switch(self, call: ServiceCall) -> None:
        self.calls.append((call.service, dict(call.data)))
        if self.sticks:
            return
        for entity_id in _ids(call.data["entity_id"]):
            state = "on" if call.service == "turn_on" else "off"
            self.hass.states.async_set(entity_id, state)

    async def _number(self, call: ServiceCall) -> None:
        self.calls.append((call.service, dict(call.data)))
        for entity_id in _ids(call.data["entity_id"]):
            self.hass.states.async_set(entity_id, str(call.data["value"]))

    async def _text(self, call: ServiceCall) -> None:
        for entity_id in _ids(call.data["entity_id"]):
            self.hass.states.async_set(entity_id, str(call.data["value"]))

    async def _datetime(self, call: ServiceCall) -> None:
        self.calls.append((call.service, dict(call.data)))
        for entity_id in _ids(call.data["entity_id"]):
            self.hass.states.async_set(entity_id, str(call.data["datetime"]))

    async def _counter(self, call: ServiceCall) -> None:
        for entity_id in _ids(call.data["entity_id"]):
            state = self.hass.states.get(entity_id)
            count = int(state.state) if state else 0
            count = count + 1 if call.service == "increment" else 0
            self.hass.states.async_set(entity_id, str(count))

    @callback
    def _hear(self, event: Event) -> None:
        self.messages.append(event.data["message"])


def _ids(given: str | Iterable[str]) -> list[str]:
    return [given] if isinstance(given, str) else list(given)
