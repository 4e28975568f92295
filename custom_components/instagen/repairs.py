"""Repairs: what is wrong with the installation and its owner can put right."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from weakref import WeakKeyDictionary

from homeassistant.components.repairs import RepairsFlow, RepairsFlowResult
from homeassistant.const import CONF_MODEL
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
import voluptuous as vol

from .const import DOMAIN
from .control.budget import Level, WriteBudget
from .coordinator import InstagenConfigEntry, InstagenCoordinator
from .plant.alarms import ALARMS, alarms_of, parse_faults

ANOTHER_CLIENT: Final = "another_client"
DTU_FIRMWARE_OLD: Final = "dtu_firmware_old"
MODEL_CHANGED: Final = "model_changed"
CLOUD_STARVING: Final = "cloud_starving"
LEASE_STUCK: Final = "lease_stuck"
MANY_WRITES: Final = "many_writes"
WRITES_SPENT: Final = "writes_spent"

FAULTS: Final = "faults"

RAISE_AFTER: Final = 5
"""Slow polls in a row with mixed-up answers; one alone is the stick's habit."""

CLEAR_AFTER: Final = 10
"""Slow polls in a row without any, before the other client counts as gone."""


CLOUD_GRACE: Final = 1_800
"""Seconds without the cloud before the pace is suspected; routers restart, too."""


@dataclass
class _CloudLoss:
    """Since when the cloud has been missing that was there before."""

    seen: bool = False
    since: float | None = None

    def note(self, connected: object, now: float) -> None:
        """Take in whether the cloud is reached; unknown changes nothing."""
        if connected is True:
            self.seen, self.since = True, None
        elif connected is False and self.seen and self.since is None:
            self.since = now


@dataclass
class _Crowding:
    """How long answers have been mixed up, or clean."""

    garbled: int = 0
    crowded_checks: int = 0
    clean_checks: int = 0

    def count(self, garbled: int) -> None:
        """Take in the counter of mixed-up answers."""
        if garbled > self.garbled:
            self.crowded_checks += 1
            self.clean_checks = 0
        else:
            self.clean_checks += 1
            self.crowded_checks = 0
        self.garbled = garbled


_CROWDING: Final[WeakKeyDictionary[InstagenCoordinator, _Crowding]] = (
    WeakKeyDictionary()
)

_CLOUD: Final[WeakKeyDictionary[InstagenCoordinator, _CloudLoss]] = WeakKeyDictionary()


@callback
def async_check_issues(
    hass: HomeAssistant, entry: InstagenConfigEntry, coordinator: InstagenCoordinator
) -> None:
    """Raise and clear the issues of a plant after a slow poll."""
    _check_other_client(hass, entry, coordinator)
    _check_stick_firmware(hass, entry, coordinator)
    _check_model(hass, entry, coordinator)
    _check_cloud(hass, entry, coordinator)


@callback
def async_clear_issues(hass: HomeAssistant, entry: InstagenConfigEntry) -> None:
    """Clear all issues of a plant that is not watched any more."""
    for issue in (
        ANOTHER_CLIENT,
        DTU_FIRMWARE_OLD,
        MODEL_CHANGED,
        CLOUD_STARVING,
        LEASE_STUCK,
        MANY_WRITES,
        WRITES_SPENT,
    ):
        _clear(hass, entry, issue)


@callback
def async_mark_stuck(
    hass: HomeAssistant, entry: InstagenConfigEntry, *, stuck: bool
) -> None:
    """Tell that the battery could not be let go, or that it is now."""
    if stuck:
        _raise(hass, entry, LEASE_STUCK)
    else:
        _clear(hass, entry, LEASE_STUCK)


@callback
def async_check_writes(
    hass: HomeAssistant, entry: InstagenConfigEntry, budget: WriteBudget
) -> None:
    """Tell that a day's writes are many, or too many; a new day begins with none."""
    issues = {Level.HIGH: MANY_WRITES, Level.SPENT: WRITES_SPENT}
    for level, issue in issues.items():
        if budget.level is level:
            _raise(
                hass,
                entry,
                issue,
                {
                    "writes": str(
                        budget.warn_at if level is Level.HIGH else budget.refuse_at
                    )
                },
            )
        else:
            _clear(hass, entry, issue)


async def async_create_fix_flow(
    hass: HomeAssistant, issue_id: str, data: dict[str, str | int | float | None] | None
) -> RepairsFlow:
    """Let the owner say that the plant's model has really changed."""
    return ModelChangedFlow(data or {})


class ModelChangedFlow(RepairsFlow):
    """Takes over the model that answers, if it is still the same plant."""

    def __init__(self, data: Mapping[str, str | int | float | None]) -> None:
        """Remember which plant it is about."""
        super().__init__()
        self._entry_id = str(data.get("entry_id"))
        self._placeholders = {
            key: str(data.get(key)) for key in ("title", "expected", "found")
        }

    async def async_step_init(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Start by asking."""
        return await self.async_step_confirm()

    async def async_step_confirm(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Ask whether the inverter was replaced, then remember the new model."""
        if user_input is None:
            return self.async_show_form(
                step_id="confirm",
                data_schema=vol.Schema({}),
                description_placeholders=self._placeholders,
            )
        entry = self.hass.config_entries.async_get_entry(self._entry_id)
        if entry is None:
            return self.async_abort(reason="plant_removed")
        self.hass.config_entries.async_update_entry(
            entry, data={**entry.data, CONF_MODEL: self._placeholders["found"]}
        )
        self.hass.config_entries.async_schedule_reload(self._entry_id)
        return self.async_create_entry(data={})


def _check_other_client(
    hass: HomeAssistant, entry: InstagenConfigEntry, coordinator: InstagenCoordinator
) -> None:
    """Tell that something else talks to the stick once it has done so for long."""
    crowding = _CROWDING.setdefault(coordinator, _Crowding())
    crowding.count(coordinator.link.statistics.garbled)
    if crowding.crowded_checks >= RAISE_AFTER:
        _raise(hass, entry, ANOTHER_CLIENT)
    elif crowding.clean_checks >= CLEAR_AFTER:
        _clear(hass, entry, ANOTHER_CLIENT)


def _check_stick_firmware(
    hass: HomeAssistant, entry: InstagenConfigEntry, coordinator: InstagenCoordinator
) -> None:
    """Tell that the inverter finds the stick's firmware too old."""
    faults = coordinator.data.get(FAULTS)
    if not isinstance(faults, str):
        return
    if ALARMS[DTU_FIRMWARE_OLD] in alarms_of(parse_faults(faults)):
        _raise(hass, entry, DTU_FIRMWARE_OLD)
    else:
        _clear(hass, entry, DTU_FIRMWARE_OLD)


def _check_model(
    hass: HomeAssistant, entry: InstagenConfigEntry, coordinator: InstagenCoordinator
) -> None:
    """Tell that another model answers than the one that was set up."""
    expected, found = entry.data.get(CONF_MODEL), coordinator.identity.model
    if expected and found and expected != found:
        details = {"expected": str(expected), "found": found}
        _raise(hass, entry, MODEL_CHANGED, details, fixable=True)
    else:
        _clear(hass, entry, MODEL_CHANGED)


def _check_cloud(
    hass: HomeAssistant, entry: InstagenConfigEntry, coordinator: InstagenCoordinator
) -> None:
    """Tell that the stick lost the vendor's cloud while we asked it things."""
    loss = _CLOUD.setdefault(coordinator, _CloudLoss())
    now = coordinator.clock()
    loss.note(coordinator.data.values.get("cloud_connected"), now)
    if loss.since is None:
        _clear(hass, entry, CLOUD_STARVING)
    elif now - loss.since >= CLOUD_GRACE:
        _raise(hass, entry, CLOUD_STARVING)


def _raise(
    hass: HomeAssistant,
    entry: InstagenConfigEntry,
    issue: str,
    details: Mapping[str, str] | None = None,
    *,
    fixable: bool = False,
) -> None:
    """Raise an issue of one plant."""
    placeholders = {"title": entry.title, **(details or {})}
    ir.async_create_issue(
        hass,
        DOMAIN,
        f"{issue}_{entry.entry_id}",
        is_fixable=fixable,
        severity=ir.IssueSeverity.WARNING,
        translation_key=issue,
        translation_placeholders=placeholders,
        data={"entry_id": entry.entry_id, **placeholders} if fixable else None,
    )


def _clear(hass: HomeAssistant, entry: InstagenConfigEntry, issue: str) -> None:
    """Clear an issue of one plant; nothing happens if it was not raised."""
    ir.async_delete_issue(hass, DOMAIN, f"{issue}_{entry.entry_id}")
