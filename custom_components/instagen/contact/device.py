"""The dry contact of a device that has the rules itself, through the desk."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, override

from homeassistant.core import CALLBACK_TYPE, HomeAssistant
from homeassistant.exceptions import HomeAssistantError

from ..const import DOMAIN
from ..control.contact import ContactStep
from ..control.contact_change import carry_out
from ..control.shown import Shown
from ..control.wishes import Asker, Refusal, Result, Wish, WishError
from ..plant.contact_settings import (
    FUNCTION,
    GENERATOR,
    GENERATOR_MODE,
    LOAD_CONTACT,
    LOAD_MODE,
)
from ..plant.dry_contact import ContactFunction, GeneratorMode, LoadMode
from ..plant.settings import Block, SettingValues, keys_of
from ..steering import Steering
from .panel import ContactPanel, running_by

_KEYS: Final = keys_of(Block.CONTACT)


class DeviceContact(ContactPanel):
    """Changes the device's own contact; another use goes by way of an open one."""

    rules_run_in = "device"

    def __init__(
        self,
        hass: HomeAssistant,
        steering: Steering,
        *,
        running: str | None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Take the desk's steering, and the owner's sensor if there is one."""
        super().__init__(hass)
        self._steering = steering
        self._running = running
        self._sleep = sleep
        self._changing = False

    @property
    @override
    def available(self) -> bool:
        return False

    @property
    @override
    def values(self) -> SettingValues:
        shown = {key: self.shown(key).value for key in _KEYS}
        return {key: value for key, value in shown.items() if value is not None}

    @override
    def carries(self, key: str) -> bool:
        return key in self._steering.desk.capabilities

    @override
    def shown(self, key: str) -> Shown:
        return self._steering.desk.shown(key)

    @override
    def async_watch(self, key: str, update: CALLBACK_TYPE) -> Callable[[], None]:
        return self._steering.async_watch(key, update)

    @property
    @override
    def step(self) -> ContactStep | None:
        return None

    @property
    @override
    def commanded(self) -> bool | None:
        """What was commanded; by which of its rules it moves now the device keeps."""
        told = self.values
        match told.get(FUNCTION):
            case ContactFunction.OFF:
                return False
            case ContactFunction.LOAD_CONTROL if told.get(LOAD_MODE) == LoadMode.MANUAL:
                on = told.get(LOAD_CONTACT)
            case ContactFunction.GENERATOR_CONTROL if (
                told.get(GENERATOR_MODE) == GeneratorMode.MANUAL
            ):
                on = told.get(GENERATOR)
            case _:
                return None
        return on if isinstance(on, bool) else None

    @property
    @override
    def running(self) -> bool | None:
        return running_by(self._hass, self._running)

    @override
    async def _async_apply(self, changes: SettingValues, asker: Asker) -> Result:
        """Write, in stages where it is another use; one change at a time."""
        if self._changing:
            raise WishError(Refusal.BUSY)
        self._changing = True
        try:
            outcome = await carry_out(
                self.values,
                changes,
                write=lambda part: self._steering.desk.change(
                    Wish(changes=part, asker=asker)
                ),
                sleep=self._sleep,
            )
        except WishError as err:
            if err.refusal is not Refusal.UNREADABLE:
                raise
            raise HomeAssistantError(
                translation_domain=DOMAIN, translation_key="contact_not_told"
            ) from err
        finally:
            self._changing = False
        return outcome.result
