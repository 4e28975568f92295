"""A device, a link and a Home Assistant on one simulated clock.

No wire: the road keeps the contract of ``SettingsRoad``, and goes wrong in the ways that
a wire does. Time passes in the event loop, as fast as there is something to do.
"""

import asyncio
from collections import deque
from collections.abc import Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
import heapq
import json
from typing import Any

import pytest

from custom_components.instagen.control.budget import WriteBudget
from custom_components.instagen.control.desk import ControlDesk
from custom_components.instagen.control.guards import Surroundings
from custom_components.instagen.control.journal import Journal
from custom_components.instagen.control.known import Memory
from custom_components.instagen.control.leases import (
    Conditions,
    Grant,
    Lease,
    LeaseEvent,
    LeaseEventKind,
    LeaseMode,
    LeaseWish,
    Policy,
)
from custom_components.instagen.control.wishes import Asker, AskerKind, WishError
from custom_components.instagen.control.writer import Writer
from custom_components.instagen.links.settings import (
    Capability,
    SettingsError,
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

START = datetime(2026, 6, 15, 12, tzinfo=UTC)
USER = Asker(kind=AskerKind.ENTITY, name="select.battery_mode")
AUTOMATION = Asker(kind=AskerKind.AUTOMATION, name="automation.night")

MODE_BLOCK: Mapping[str, SettingValue] = {
    BATTERY_MODE: BatteryMode.SELF_CONSUMPTION.value,
    "self_consumption_reserve_soc": 20,
    "full_backup_reserve_soc": 80,
    "force_charge_target_soc": 90,
    "force_charge_power": 50.0,
    "force_discharge_target_soc": 30,
    "force_discharge_power": 50.0,
}


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop whose time leaps to the next timer when nothing is ready."""

    def __init__(self) -> None:
        super().__init__()
        self._moment = 0.0

    def time(self) -> float:
        return self._moment

    def _run_once(self) -> None:
        timers: list[Any] = self._scheduled  # type: ignore[attr-defined]
        while timers and timers[0]._cancelled:
            handle = heapq.heappop(timers)
            handle._scheduled = False
            self._timer_cancelled_count -= 1  # type: ignore[attr-defined]
        if timers and not self._ready:  # type: ignore[attr-defined]
            self._moment = max(self._moment, timers[0]._when)
        super()._run_once()  # type: ignore[misc]


@dataclass
class Fate:
    """What becomes of one write."""

    taken: bool = True
    answer: Trouble | None = None
    """None is a yes."""

    delay: float = 0.0
    """Seconds until the device shows it."""


@dataclass
class Device:
    """What stands in the inverter, and what was written into it."""

    values: dict[str, SettingValue] = field(default_factory=lambda: dict(MODE_BLOCK))
    up: bool = True
    fates: deque[Fate] = field(default_factory=deque)
    reads: deque[Trouble | SettingValues] = field(default_factory=deque)
    """What the next reads come to: a trouble, or values that are not so."""

    writes: list[SettingValues] = field(default_factory=list)
    twice: list[SettingValues] = field(default_factory=list)
    """Writes of what the device showed already."""

    unrest: float = 0.0
    """When something went wrong last, in seconds of the loop."""

    late: list[tuple[SettingValues, asyncio.TimerHandle]] = field(default_factory=list)
    """What was sent and is not done yet."""

    odd: bool = False

    def next_read(self) -> Trouble | SettingValues | None:
        """Return what the next read comes to; never twice in a row what is not so.

        A read that fails between two tells nothing, so it does not part them.
        """
        fate = self.reads[0] if self.reads else None
        if isinstance(fate, Trouble):
            return self.reads.popleft()
        self.odd = not self.odd and isinstance(fate, Mapping)
        if isinstance(fate, Mapping) and not self.odd:
            return None
        return self.reads.popleft() if self.reads else None

    def hurry(self, now: float) -> None:
        """Do what is late. Else nobody could tell a human's wish that it would undo."""
        for sent, handle in self.late:
            if not handle.cancelled() and handle.when() > now:
                self.values.update(sent)
            handle.cancel()
        self.late = []

    def reboot(self) -> None:
        """Forget what was not yet done; settings are kept."""
        for _, handle in self.late:
            handle.cancel()


class WorldRoad:
    """The road to the device: all of the block, or over DTS the chosen mode only."""

    def __init__(self, device: Device, name: LinkName = LinkName.MODBUS) -> None:
        self.device = device
        self.name = name
        self.readable = True
        ranges = {
            SettingKind.SOC: Range(10, 100),
            SettingKind.SHARE: Range(0, 100, 0.1),
        }
        self.capabilities: dict[str, Capability] = {
            key: Capability(
                evidence=Evidence.CONFIRMED, range=ranges.get(SETTINGS[key].kind)
            )
            for key in MODE_BLOCK
        }
        self.modes = dict.fromkeys(
            (
                BatteryMode.SELF_CONSUMPTION,
                BatteryMode.ECONOMICAL,
                BatteryMode.FULL_BACKUP,
                BatteryMode.OFF_GRID,
                BatteryMode.FORCE_CHARGE,
                BatteryMode.FORCE_DISCHARGE,
            ),
            Evidence.DOCUMENTED,
        )

    async def read(self, block: Block) -> SettingValues:
        """Read the block, as it stands when the answer leaves."""
        if not self.readable:
            raise SettingsError(Trouble.NOT_READABLE)
        if not self.device.up:
            raise SettingsError(Trouble.LOST)
        fate = self.device.next_read()
        if fate is not None:
            self.device.unrest = asyncio.get_running_loop().time()
        if isinstance(fate, Trouble):
            await asyncio.sleep(3.0)
            raise SettingsError(fate)
        await asyncio.sleep(0.2)
        values = {**self.device.values, **(fate or {})}
        keys = keys_of(block) & values.keys()
        if self.name is LinkName.DTS:
            keys &= acting(values).keys()
        return {key: values[key] for key in keys}

    def changed_elsewhere(self) -> None:
        """Keep nothing: each read asks."""

    async def write(self, block: Block, values: SettingValues) -> None:
        """Write the block."""
        device = self.device
        if not device.up:
            raise SettingsError(Trouble.LOST)
        sent = {key: values[key] for key in keys_of(block) & values.keys()}
        if self.name is LinkName.DTS:
            sent = acting(sent)
            mode = BatteryMode(str(sent[BATTERY_MODE]))
            if missing := set(PARAMETERS[mode]) - sent.keys():
                raise ValueError(*sorted(missing))
        device.writes.append(sent)
        if sent.items() <= device.values.items():
            device.twice.append(sent)
        fate = device.fates.popleft() if device.fates else Fate()
        loop = asyncio.get_running_loop()
        if fate != Fate():
            device.unrest = loop.time() + fate.delay
        if fate.taken and not fate.delay:
            device.values.update(sent)
        elif fate.taken:
            handle = loop.call_later(fate.delay, device.values.update, sent)
            device.late.append((sent, handle))
        await asyncio.sleep(3.0 if fate.answer is Trouble.SILENT else 0.2)
        if fate.answer is not None:
            raise SettingsError(fate.answer, 7)


class World:
    """A plant, and a Home Assistant that can be killed."""

    def __init__(self, *names: LinkName) -> None:
        self.loop = VirtualLoop()
        self.device = Device()
        self.roads = [
            WorldRoad(self.device, name) for name in names or (LinkName.MODBUS,)
        ]
        self.shift = timedelta()
        self.conditions = Conditions(soc=50, off_grid=False, rated_power=10_000)
        self.around = Surroundings(soc=80, grid_present=True)
        self.follows: bool | None = True
        """Whether the battery does what the device says; None: nobody can tell."""

        self.battery: float | None = None
        """What it does instead, in W."""

        self.events: list[LeaseEvent] = []
        self.disk: dict[str, Any] | None = None
        self.saves = 0
        self.refuse_at = 10_000
        self.again = False
        """Whether what the device shows may be sent again (C8)."""

        self.booted = 0.0
        self.desk: ControlDesk
        self._tasks: list[asyncio.Task[Any]] = []
        self.boot()

    # ---- Home Assistant ----

    def now(self) -> datetime:
        return START + timedelta(seconds=self.loop.time()) + self.shift

    def boot(self) -> None:
        """Start Home Assistant with what was saved last."""
        writer = Writer(
            self.roads,
            journal=Journal(),
            budget=WriteBudget(now=self.now, refuse_at=self.refuse_at),
            memory=Memory(),
            now=self.now,
            allows_unproven=lambda: False,
            surroundings=lambda: self.around,
        )
        alive = [True]

        async def save(stored: dict[str, Any]) -> None:
            text = json.dumps(stored)
            await asyncio.sleep(0.01)
            if alive[0]:
                self.disk = json.loads(text)
                self.saves += 1

        self._alive = alive
        self.booted = self.loop.time()

        async def start() -> None:
            self.desk = ControlDesk(
                writer,
                save=save,
                conditions=self.look,
                policy=Policy,
                now=self.now,
            )
            self.desk.audience.add_event_listener(self.events.append)
            self.desk.restore(self.disk)
            self.desk.start()
            self._spawn(self._poll(self.desk))

        self.run(start())

    def kill(self) -> None:
        """End Home Assistant in the middle of whatever it does; nothing more is saved."""
        self._alive[0] = False
        tasks = [task for task in asyncio.all_tasks(self.loop) if not task.done()]
        for task in tasks:
            task.cancel()
        self.loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self._tasks = []

    def look(self) -> Conditions:
        """Tell how the plant is doing; its battery obeys at once."""
        mode = self.device.values[BATTERY_MODE]
        power = {"force_charge": -3000.0, "force_discharge": 3000.0}.get(str(mode), 0.0)
        battery = None if self.follows is None else power if self.follows else 0.0
        if self.battery is not None:
            battery = self.battery
        return Conditions(
            soc=self.conditions.soc,
            battery_power=battery,
            rated_power=self.conditions.rated_power,
            off_grid=self.conditions.off_grid,
            alarm=self.conditions.alarm,
            frozen=self.conditions.frozen,
            charge_limit=self.conditions.charge_limit,
        )

    async def _poll(self, desk: ControlDesk) -> None:
        """Refresh each minute, as the coordinator does."""
        while True:
            await desk.refresh(frozenset(MODE_BLOCK))
            await asyncio.sleep(60)

    def _spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = self.loop.create_task(work)
        self._tasks.append(task)
        return task

    def run[T](self, work: Coroutine[Any, Any, T]) -> T:
        """Wait for something."""
        return self.loop.run_until_complete(work)

    def begin(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Begin something and go on; that it is refused is no news."""

        async def quietly() -> None:
            with suppress(WishError):
                await work

        return self._spawn(quietly())

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.run(asyncio.sleep(seconds))

    def end(self) -> None:
        """End everything."""
        self.kill()
        self.loop.close()

    # ---- wishes ----

    def wish(
        self,
        mode: LeaseMode = LeaseMode.FORCE_CHARGE,
        *,
        minutes: float = 30,
        owner: str = "night",
        priority: int = 30,
        **kwargs: Any,
    ) -> LeaseWish:
        """Return a wish that ends in some minutes."""
        return LeaseWish(
            mode=mode,
            owner=owner,
            priority=priority,
            until=self.now() + timedelta(minutes=minutes),
            **kwargs,
        )

    def request(self, *args: Any, **kwargs: Any) -> Grant:
        """Ask for a lease."""
        return self.run(self.desk.request(self.wish(*args, **kwargs), AUTOMATION))

    # ---- what to look at ----

    def human(self, **changes: SettingValue) -> None:
        """Change the device behind our back, after what was sent before."""
        self.device.hurry(self.loop.time())
        self.device.values.update(changes)

    @property
    def mode(self) -> BatteryMode:
        return BatteryMode(str(self.device.values[BATTERY_MODE]))

    @property
    def told(self) -> list[LeaseEventKind]:
        return [event.kind for event in self.events]

    @property
    def restored(self) -> bool:
        """Whether the device stands as it stood when the world began."""
        return self.device.values == MODE_BLOCK and self.desk.before is None


def refused(world: World, *args: Any, **kwargs: Any) -> WishError:
    with pytest.raises(WishError) as caught:
        world.request(*args, **kwargs)
    return caught.value


def conditions(world: World, **changes: Any) -> None:
    world.conditions = replace(world.conditions, **changes)


def current(world: World) -> Lease:
    assert world.desk.current
    return world.desk.current
