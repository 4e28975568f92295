"""Automations that only tell that they ran, and conditions asked at once."""

from typing import Any

from homeassistant.components.automation import DOMAIN as AUTOMATION
from homeassistant.core import Event
from homeassistant.helpers import condition, entity_registry as er
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import async_capture_events

from custom_components.instagen.const import DOMAIN
from tests.steering.world import STICK, World

TOLD = "it_ran"


class Watch:
    """Holds an automation for each trigger, and what they told."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._told: list[Event] = async_capture_events(world.hass, TOLD)

    @property
    def plant(self) -> dict[str, str]:
        """Target the whole plant, as who picks its device does."""
        return {"device_id": self.world.coordinator.plant_device_id}

    async def trigger(self, *triggers: tuple[str, dict[str, Any]]) -> None:
        """Set up one automation with triggers of ours for the whole plant."""
        config = {
            "id": "watch",
            "alias": "Watch",
            "mode": "queued",
            "max": 50,
            "triggers": [
                {
                    "trigger": f"{DOMAIN}.{name}",
                    "target": self.plant,
                    "options": options,
                    "id": name,
                }
                for name, options in triggers
            ],
            "actions": [
                {
                    "event": TOLD,
                    "event_data": {
                        "id": "{{ trigger.id }}",
                        "entity_id": "{{ trigger.entity_id }}",
                        "code": "{{ trigger.to_state.attributes.code | default('') }}",
                    },
                }
            ],
        }
        assert await async_setup_component(
            self.world.hass, AUTOMATION, {AUTOMATION: config}
        )
        await self.world.settle()
        state = self.world.hass.states.get("automation.watch")
        assert state is not None
        assert state.state == "on", "the triggers are valid"

    async def told(self) -> list[str]:
        """Return which triggers fired since this was asked last."""
        await self.world.settle()
        told = [event.data["id"] for event in self._told]
        self._told.clear()
        return told

    async def codes(self) -> list[tuple[str, str]]:
        """Return which triggers fired for which alarms."""
        await self.world.settle()
        told = [(event.data["id"], event.data["code"]) for event in self._told]
        self._told.clear()
        return told

    async def holds(self, name: str, **options: Any) -> bool:
        """Ask a condition of ours about the whole plant."""
        return await self.holds_for(self.plant, name, **options)

    async def holds_for(
        self, target: dict[str, Any], name: str, **options: Any
    ) -> bool:
        """Ask a condition of ours about a target."""
        hass = self.world.hass
        config = await condition.async_validate_condition_config(
            hass,
            {"condition": f"{DOMAIN}.{name}", "target": target, "options": options},
        )
        checker = await condition.async_from_config(hass, config)
        try:
            return checker.async_check() is True
        finally:
            checker.async_unload()

    def show(self, platform: str, key: str, state: str, /, **attributes: Any) -> None:
        """Let an entity of the plant show something that its device does not do now."""
        registry = er.async_get(self.world.hass)
        entity_id = registry.async_get_entity_id(platform, DOMAIN, f"{STICK}_{key}")
        if entity_id is None:
            entity_id = registry.async_get_or_create(
                platform,
                DOMAIN,
                f"{STICK}_{key}",
                config_entry=self.world.entry,
                device_id=self.world.coordinator.plant_device_id,
                original_name=key,
            ).entity_id
        self.world.hass.states.async_set(entity_id, state, attributes)

    async def stop(self) -> None:
        """Turn the automation off: its timers end with it."""
        if self.world.hass.states.get("automation.watch"):
            await self.world.hass.services.async_call(
                AUTOMATION, "turn_off", {"entity_id": "automation.watch"}, blocking=True
            )
