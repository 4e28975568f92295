"""The dry contact as Home Assistant operates it, whoever carries out its rules.

The device does, where a link carries the contact and the owner allows what nobody proved;
else Home Assistant does, with a switch that the owner names. The entities are the same.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from math import isfinite
from typing import Final

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.exceptions import ServiceValidationError
from homeassistant.util import dt as dt_util

from ..const import DOMAIN
from ..control.contact import ContactStep
from ..control.shown import Shown
from ..control.wishes import Asker, Result
from ..control_texts import ControlTexts
from ..plant.contact_rules import Finding, Severity, findings
from ..plant.contact_settings import (
    FUNCTION,
    GENERATOR,
    LOAD_CONTACT,
    LOAD_MODE,
    NONE,
    OTHER,
    settings_of,
    weekdays_text,
)
from ..plant.dry_contact import ContactFunction, LoadMode
from ..plant.settings import SettingValue, SettingValues
from ..plant.tariff import ALL_WEEK

CONFIRM_WITHIN: Final = 60.0
"""Seconds in which the same wish again counts as the owner's word for it."""

_WEEKDAYS_OF: Final[Mapping[str, str]] = {
    "load_window_1": "load_weekdays_1",
    "load_window_2": "load_weekdays_1",
    "surplus_window_1": "surplus_weekdays_1",
}

_USES: Final = {
    LOAD_CONTACT: (ContactFunction.LOAD_CONTROL, LoadMode.MANUAL),
    GENERATOR: (ContactFunction.GENERATOR_CONTROL, None),
}
"""The use in which a command means something, and the load mode."""


class ContactPanel(ABC):
    """Shows and changes what is set about the dry contact."""

    rules_run_in: str
    """``device`` or ``home_assistant``."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Nothing was asked for yet."""
        self._hass = hass
        self._asked: tuple[SettingValues, float] = ({}, float("-inf"))

    # ---- what a kind of panel brings ----

    @property
    @abstractmethod
    def available(self) -> bool:
        """Whether there is something to operate without an answer of the plant."""

    @property
    @abstractmethod
    def values(self) -> SettingValues:
        """Everything that is known to be set."""

    @abstractmethod
    def carries(self, key: str) -> bool:
        """Tell whether a setting can be changed."""

    @abstractmethod
    def shown(self, key: str) -> Shown:
        """Return what a control shows."""

    @abstractmethod
    def async_watch(self, key: str, update: CALLBACK_TYPE) -> Callable[[], None]:
        """Call when something about a setting, or about the contact, changed."""

    @abstractmethod
    async def _async_apply(self, changes: SettingValues, asker: Asker) -> Result | None:
        """Carry out changes that were judged; None where they are kept here."""

    @property
    @abstractmethod
    def step(self) -> ContactStep | None:
        """What the rules in Home Assistant last said; None where the device has them."""

    @property
    @abstractmethod
    def commanded(self) -> bool | None:
        """Whether the contact was told to be closed; None when nobody tells."""

    @property
    @abstractmethod
    def running(self) -> bool | None:
        """Whether runs what is switched, by the owner's sensor; None without a word."""

    # ---- what they have in common ----

    @property
    def warnings(self) -> list[str]:
        """What is doubtful about what is set, in the server's language."""
        texts = ControlTexts(self._hass)
        return [texts.finding(one.translation_key, one.told) for one in self.found({})]

    async def async_change(self, changes: SettingValues, asker: Asker) -> Result | None:
        """Judge changes and carry them out; None is answered where they are kept here.

        Raises ``ServiceValidationError`` for what the rules refuse, ``WishError``.
        """
        changes = self.completed(changes)
        self._judge(changes)
        return await self._async_apply(changes, asker)

    def completed(self, changes: SettingValues) -> SettingValues:
        """Let a first window be on every weekday: nobody chose any yet."""
        days: dict[str, SettingValue] = {
            _WEEKDAYS_OF[key]: weekdays_text(ALL_WEEK)
            for key in changes.keys() & _WEEKDAYS_OF.keys()
            if self.values.get(_WEEKDAYS_OF[key], NONE) == NONE
        }
        return {**days, **changes}

    def _judge(self, changes: SettingValues) -> None:
        """Refuse what would be wrong then, and is not so already.

        What is incomplete can only be completed one setting after the other.
        """
        self._check_use(changes)
        for one in self.objections(changes):
            if one.severity is Severity.CONFIRM and self._is_confirmed(changes):
                continue
            raise refused(self._hass, one)

    def objections(self, changes: SettingValues) -> list[Finding]:
        """Return what is wrong with changes, or has to be confirmed."""
        stood = self.found({})
        return [
            one
            for one in self.found(changes)
            if one not in stood and one.severity is not Severity.WARNING
        ]

    def _check_use(self, changes: SettingValues) -> None:
        """Refuse a command of a use that is not chosen: it would do nothing."""
        after = {**self.values, **changes}
        for key in changes.keys() & _USES.keys():
            function, mode = _USES[key]
            fits = after.get(FUNCTION) == function
            if changes[key] and not (
                fits and (mode is None or after.get(LOAD_MODE) == mode)
            ):
                raise ServiceValidationError(
                    translation_domain=DOMAIN, translation_key="contact_not_in_use"
                )

    def found(self, changes: SettingValues) -> list[Finding]:
        """Return everything that the rules say of what would be set then."""
        known = {
            key: value
            for key, value in {**self.values, **changes}.items()
            if value != OTHER
        }
        return findings(settings_of(known))

    def _is_confirmed(self, changes: SettingValues) -> bool:
        """Tell whether the same was wished a moment ago; remember it else."""
        now = dt_util.utcnow().timestamp()
        before, at = self._asked
        self._asked = (changes, now)
        return before == changes and now - at <= CONFIRM_WITHIN


def refused(hass: HomeAssistant, found: Finding) -> ServiceValidationError:
    """Return the error for what a rule found."""
    return ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key=f"contact_{found.problem}",
        translation_placeholders=ControlTexts(hass).finding_placeholders(found.told),
    )


@callback
def running_by(hass: HomeAssistant, entity_id: str | None) -> bool | None:
    """Return what the owner's sensor tells: on, or W above nothing; None without."""
    state = hass.states.get(entity_id) if entity_id else None
    if state is None:
        return None
    if state.state in {"on", "off"}:
        return state.state == "on"
    try:
        power = float(state.state)
    except ValueError:
        return None
    return power > 0 if isfinite(power) else None
