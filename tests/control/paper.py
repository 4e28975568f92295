"""A device on paper and roads to it: they keep the contract of ``SettingsRoad``.

For rules that no wire has a part in; what the wire does is tested over real sockets.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from custom_components.instagen.control.budget import WriteBudget
from custom_components.instagen.control.guards import Surroundings
from custom_components.instagen.control.journal import Journal
from custom_components.instagen.control.known import Memory
from custom_components.instagen.control.wishes import (
    Asker,
    AskerKind,
    Outcome,
    Wish,
    WishError,
)
from custom_components.instagen.control.writer import Writer
from custom_components.instagen.links.settings import (
    Capability,
    SettingsError,
    SettingsRoad,
    Trouble,
)
from custom_components.instagen.plant.evidence import Evidence
from custom_components.instagen.plant.settings import (
    BATTERY_MODE,
    PARAMETERS,
    SETTINGS,
    Block,
    Range,
    SettingKind,
    SettingValue,
    SettingValues,
    acting,
    keys_of,
)
from custom_components.instagen.plant.states import BatteryMode, LinkName

SELF = BatteryMode.SELF_CONSUMPTION
CHARGE = BatteryMode.FORCE_CHARGE
MODBUS, DTS, CLOUD = LinkName.MODBUS, LinkName.DTS, LinkName.CLOUD
RESERVE = "self_consumption_reserve_soc"
FORCE: SettingValues = {BATTERY_MODE: "force_charge", "force_charge_power": 40}

FACTORY: Mapping[str, SettingValue] = {
    BATTERY_MODE: SELF.value,
    "self_consumption_reserve_soc": 10,
    "economical_reserve_soc": 10,
    "tariff": "aa",
    "full_backup_reserve_soc": 90,
    "off_grid_reserve_soc": 10,
    "force_charge_target_soc": 90,
    "force_charge_power": 100.0,
    "force_discharge_target_soc": 20,
    "force_discharge_power": 100.0,
    "battery_max_soc": 100,
    "battery_min_soc": 10,
    "battery_charge_power_limit": 100.0,
    "battery_discharge_power_limit": 100.0,
    "export_control": False,
    "export_limit": 100.0,
}
NOT_OVER_MODBUS = frozenset(
    {"economical_reserve_soc", "tariff", "off_grid_reserve_soc"}
)


def _capability(key: str) -> Capability:
    ranges = {
        SettingKind.SOC: Range(10, 100),
        SettingKind.SHARE: Range(0, 100, 0.1),
    }
    return Capability(evidence=Evidence.CONFIRMED, range=ranges.get(SETTINGS[key].kind))


class PaperRoad:
    """A road to a device on paper, which is a mapping."""

    def __init__(
        self, name: LinkName, device: dict[str, SettingValue], keys: frozenset[str]
    ) -> None:
        self.name = name
        self.device = device
        self.capabilities: dict[str, Capability] = {
            key: _capability(key) for key in sorted(keys)
        }
        self.modes: dict[BatteryMode, Evidence] = dict.fromkeys(
            (mode for mode in BatteryMode if mode is not BatteryMode.AI),
            Evidence.DOCUMENTED,
        )
        self.one_mode = name is LinkName.DTS
        self.readable = True
        self.reading: list[Trouble | SettingValues | None] = []
        """What the next reads come to, instead of what the device holds."""
        self.writing: list[Trouble | None] = []
        """What the next writes come to."""
        self.swallows = False
        """Whether the device says yes and does nothing."""
        self.takes_silently = False
        """Whether a write whose answer is lost arrives all the same."""
        self.reads = 0
        self.heard = 0
        """How often another road changed the plant."""
        self.sent: list[SettingValues] = []
        """What went out."""
        self.gate: asyncio.Event | None = None

    async def read(self, block: Block) -> SettingValues:
        """Read a block."""
        self.reads += 1
        if not self.readable:
            raise SettingsError(Trouble.NOT_READABLE)
        plan = self.reading.pop(0) if self.reading else None
        if isinstance(plan, Trouble):
            raise SettingsError(plan)
        if plan is not None:
            return plan
        return self._seen(self.device, block)

    def _seen(self, values: SettingValues, block: Block) -> SettingValues:
        keys = keys_of(block) & self.capabilities.keys()
        if self.one_mode and block is Block.MODE:
            keys &= acting(values).keys()
        return {key: value for key, value in values.items() if key in keys}

    def changed_elsewhere(self) -> None:
        """Note it; each read asks."""
        self.heard += 1

    async def write(self, block: Block, values: SettingValues) -> None:
        """Write a block."""
        plan = self.writing.pop(0) if self.writing else None
        if plan is Trouble.LOST:
            raise SettingsError(plan)
        words = self._seen(values, block)
        if self.name is CLOUD:
            # It tells the parameters of all modes and takes those of the chosen one.
            words = {key: words[key] for key in acting(words)}
        needed = keys_of(block) if block is not Block.MODE else {BATTERY_MODE}
        if self.one_mode:
            needed = {BATTERY_MODE, *PARAMETERS[BatteryMode(str(values[BATTERY_MODE]))]}
        elif block is Block.MODE and self.name is not CLOUD:
            needed = keys_of(block) & self.capabilities.keys()
        if missing := needed - words.keys():
            raise ValueError(*sorted(missing))
        self.sent.append(words)
        if self.gate is not None:
            await self.gate.wait()
        if plan is Trouble.REFUSED:
            raise SettingsError(plan, 7)
        if not self.swallows and (plan is None or self.takes_silently):
            self.device.update(words)
        if plan is not None:
            raise SettingsError(plan)


@dataclass
class Bench:
    """A writer with everything it needs, on paper."""

    kinds: tuple[LinkName, ...] = (LinkName.MODBUS,)
    device: dict[str, SettingValue] = field(default_factory=lambda: dict(FACTORY))
    time: datetime = datetime(2026, 6, 15, 12, tzinfo=UTC)
    around: Surroundings = field(
        default_factory=lambda: Surroundings(soc=80, grid_present=True)
    )
    unproven: bool = False
    slept: list[float] = field(default_factory=list)
    patience: float = 30.0
    road_limit: float = 30.0

    def __post_init__(self) -> None:
        self.journal = Journal()
        self.budget = WriteBudget(now=lambda: self.time)
        self.memory = Memory()
        every = frozenset(FACTORY)
        keys = {
            LinkName.MODBUS: every - NOT_OVER_MODBUS,
            LinkName.DTS: every & keys_of(Block.MODE),
            LinkName.CLOUD: every & keys_of(Block.MODE),
        }
        self.roads = {
            name: PaperRoad(name, self.device, keys[name]) for name in self.kinds
        }
        self.writer = self.over(list(self.roads.values()))

    def over(self, roads: list[SettingsRoad]) -> Writer:
        """Return a writer over some roads."""
        return Writer(
            roads,
            journal=self.journal,
            budget=self.budget,
            memory=self.memory,
            now=lambda: self.time,
            sleep=self._sleep,
            allows_unproven=lambda: self.unproven,
            surroundings=lambda: self.around,
            patience=self.patience,
            road_limit=self.road_limit,
        )

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += timedelta(seconds=seconds)

    @property
    def modbus(self) -> PaperRoad:
        return self.roads[LinkName.MODBUS]

    @property
    def dts(self) -> PaperRoad:
        return self.roads[LinkName.DTS]

    @property
    def sent(self) -> int:
        """How many messages went out over all roads."""
        return sum(len(road.sent) for road in self.roads.values())

    async def wish(
        self,
        changes: SettingValues,
        *,
        kind: AskerKind = AskerKind.ENTITY,
        safety: bool = False,
        force: bool = False,
        confirmed: bool = False,
    ) -> Outcome:
        """Wish for changes."""
        return await self.writer.carry_out(
            Wish(
                changes=changes,
                asker=Asker(kind=kind, name="number.reserve"),
                safety=safety,
                force=force,
                confirmed=confirmed,
            )
        )

    async def refused(
        self,
        changes: SettingValues,
        *,
        kind: AskerKind = AskerKind.ENTITY,
        safety: bool = False,
        confirmed: bool = False,
    ) -> WishError:
        """Wish for changes and return why not."""
        try:
            outcome = await self.wish(
                changes, kind=kind, safety=safety, confirmed=confirmed
            )
        except WishError as err:
            return err
        raise AssertionError(f"not refused but {outcome.result}")
