"""The road for changes over the cloud: the battery mode with what it acts by.

A question is a job that the plant answers, so it is asked rarely; a change is read back
by ``CloudSettings`` before it counts. The times of use stay as the plant has them.
"""

import asyncio
from collections.abc import Mapping
from typing import Final

from ...plant.evidence import Evidence
from ...plant.settings import (
    BATTERY_MODE,
    PARAMETERS,
    Block,
    Range,
    SettingValues,
    mode_of,
)
from ...plant.states import BatteryMode, LinkName
from ..settings import Capability, SettingsError, Trouble
from .errors import CloudError, Trouble as CloudTrouble
from .plant import CloudPlant
from .settings import BatteryChange, BatterySettings, CloudSettings
from .tariff import EVIDENCE as TARIFF_EVIDENCE

FRESH_SECONDS: Final = 600
"""For how long what was read is believed: each question wakes the plant's stick."""

SETTLE_SECONDS: Final = 60
"""For how long the cloud cannot tell after another link changed the plant: the device obeys
some 20 s later (facts/local-protocol.md 4.6), and the cloud hears of it after that."""

MODES: Final[Mapping[BatteryMode, Evidence]] = dict.fromkeys(
    PARAMETERS, Evidence.DOCUMENTED
)

_NEVER: Final = float("-inf")
_SHARE: Final = Range(0, 100)
_RANGES: Final[Mapping[str, Range]] = {
    "self_consumption_reserve_soc": Range(10, 100),
    "economical_reserve_soc": Range(10, 100),
    "full_backup_reserve_soc": Range(60, 100),
    "force_charge_target_soc": Range(10, 100),
    "force_charge_power": _SHARE,
    "force_discharge_target_soc": _SHARE,
    "force_discharge_power": _SHARE,
    "peak_shaving_reserve_soc": Range(10, 100),
    "peak_shaving_soc": _SHARE,
    "peak_shaving_power": Range(0, 1_000_000),
    "time_of_use_reserve_soc": Range(10, 100),
}
"""The ranges of the Modbus map: the settings are the same, the cloud tells none."""

_CAPABILITIES: Final[Mapping[str, Capability]] = {
    **{
        key: Capability(evidence=Evidence.DOCUMENTED, range=_RANGES.get(key))
        for key in (BATTERY_MODE, *_RANGES)
    },
    "tariff": Capability(evidence=TARIFF_EVIDENCE),
}

_REFUSALS: Final = frozenset(
    {
        CloudTrouble.BUSY,
        CloudTrouble.JOB_FAILED,
        CloudTrouble.NEEDS_OPT_IN,
        CloudTrouble.NO_PERMISSION,
        CloudTrouble.NOT_SUPPORTED,
        CloudTrouble.REFUSED,
    }
)
_NOT_LOGGED_IN: Final = frozenset(
    {
        CloudTrouble.LOCKED_OUT,
        CloudTrouble.OUTDATED_LOGIN,
        CloudTrouble.PASSWORD_EXPIRED,
        CloudTrouble.TOKEN_REFUSED,
        CloudTrouble.TOO_MANY_LOGINS,
        CloudTrouble.WRONG_ACCOUNT_KIND,
        CloudTrouble.WRONG_PASSWORD,
    }
)


class CloudRoad:
    """Carries the battery mode of one plant."""

    name: Final = LinkName.CLOUD

    def __init__(self, plant: CloudPlant) -> None:
        """Take the plant; nothing is asked yet."""
        self._settings = CloudSettings(plant)
        self._clock = plant.client.transport.clock
        self._lock = asyncio.Lock()
        self._known: BatterySettings | None = None
        self._read_at = _NEVER
        self._settled_at = _NEVER

    @property
    def capabilities(self) -> Mapping[str, Capability]:
        """The settings that this road carries."""
        return _CAPABILITIES

    @property
    def modes(self) -> Mapping[BatteryMode, Evidence]:
        """The modes that the plant offers; all, until it was asked."""
        if self._known is None:
            return MODES
        return {mode: MODES[mode] for mode in MODES if mode in self._known.modes}

    async def read(self, block: Block) -> SettingValues:
        """Ask the plant, or repeat what it said a while ago. Raises ``SettingsError``."""
        if block is not Block.MODE or self._clock() < self._settled_at:
            raise SettingsError(Trouble.NOT_READABLE)
        # One job at a time: what was asked before a change must not count after it.
        async with self._lock:
            if self._known is None or self._clock() - self._read_at >= FRESH_SECONDS:
                try:
                    self._learn(await self._settings.read_battery())
                except CloudError as err:
                    raise SettingsError(_trouble_of(err, Trouble.LOST)) from err
            return _carried(self._known)

    def changed_elsewhere(self) -> None:
        """Tell nothing until that has arrived, and ask the plant then."""
        self._read_at = _NEVER
        self._settled_at = self._clock() + SETTLE_SECONDS

    async def write(self, block: Block, values: SettingValues) -> None:
        """Choose a mode with its parameters, once, and see that the plant has it.

        Raises ``SettingsError``; ``ValueError`` when the mode is missing, or the tariff is
        one that only another link has a form for.
        """
        mode = mode_of(values)
        if block is not Block.MODE or mode is None:
            raise ValueError(f"{block}: not carried")
        own = {
            key: value
            for key, value in values.items()
            if key in PARAMETERS.get(mode, ()) and key in _CAPABILITIES
        }
        if mode is BatteryMode.OFF_GRID:
            own = {}  # written without parameters
        change = BatteryChange(mode=mode, values=own)
        async with self._lock:
            self._known = None
            try:
                self._learn(await self._settings.write_battery(change))
                self._settled_at = _NEVER
            except CloudError as err:
                # Whether the plant took it is not known unless the cloud said no.
                raise SettingsError(_trouble_of(err, Trouble.SILENT)) from err

    def _learn(self, settings: BatterySettings) -> None:
        self._known = settings
        self._read_at = self._clock()


def _carried(settings: BatterySettings | None) -> SettingValues:
    values = settings.values if settings else {}
    return {key: value for key, value in values.items() if key in _CAPABILITIES}


def _trouble_of(error: CloudError, otherwise: Trouble) -> Trouble:
    if error.trouble in _REFUSALS:
        return Trouble.REFUSED
    return Trouble.LOST if error.trouble in _NOT_LOGGED_IN else otherwise
