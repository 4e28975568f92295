"""A thousand random lives of leases: the plant ends as it was, or as a human left it.

Real desk, real arbiter and real writer on a simulated clock; the road is one that loses
answers, delivers late, garbles and goes away, and Home Assistant is killed at any moment.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
import os
from typing import Any, Final

from hypothesis import HealthCheck, Phase, seed, settings, strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
import pytest

from custom_components.instagen.control.leases import (
    ChargeLimit,
    Hindrance,
    LeaseMode,
    LeaseWish,
)
from custom_components.instagen.control.standing import Standing
from custom_components.instagen.control.wishes import Wish, WishError
from custom_components.instagen.links.settings import Trouble
from custom_components.instagen.plant.settings import (
    BATTERY_MODE,
    FORCED_MODES,
    PARAMETERS,
    SettingValue,
)
from custom_components.instagen.plant.states import BatteryMode

from .lease_world import AUTOMATION, USER, Fate, World

SEED: Final = int(os.environ["INSTAGEN_SEED"])
LIVES: Final = 500
"""Of each of two tests, so that two workers share them."""

OVERDUE: Final = 60.0
"""Seconds of a link that works, after which every lease that ended is off the device."""

PLAIN: Final = (BatteryMode.SELF_CONSUMPTION, BatteryMode.FULL_BACKUP)
OWNERS: Final = {"night": 30, "peak": 30, "storm": 70, "human": 90, "guard": 95}

FATES: Final = (
    Fate(taken=False, answer=Trouble.SILENT),
    Fate(taken=True, answer=Trouble.SILENT),
    Fate(taken=True, answer=Trouble.SILENT, delay=6),
    Fate(taken=True, answer=Trouble.SILENT, delay=25),
    Fate(taken=True, delay=4),
    Fate(taken=True, delay=20),
    Fate(taken=False, answer=Trouble.REFUSED),
)
"""Lost, its answer lost, late, late beyond all reading back, slow to show, refused."""

ODD: Final[tuple[Trouble | Mapping[str, SettingValue], ...]] = (
    Trouble.SILENT,
    Trouble.GARBLED,
    {BATTERY_MODE: BatteryMode.FULL_BACKUP.value},
    {"force_charge_power": 0.0},
)


class Lives(RuleBasedStateMachine):
    """What may happen, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.rest = dict(self.world.device.values)
        """How the plant has to stand when all is quiet."""

        self.number = 10
        self.late_since: float | None = None

    # ---- those who want something ----

    @initialize(power=st.sampled_from((None, 20.0)), ahead=st.booleans())
    def begin(self, power: float | None, ahead: bool) -> None:
        if not ahead:
            self._ask(self.world.wish(power=power), None)

    @rule(
        owner=st.sampled_from(sorted(OWNERS)),
        power=st.sampled_from((10.0, 20.0, 30.0)),
        odd=st.lists(st.sampled_from(ODD), max_size=1),
    )
    def force(self, owner: str, power: float, odd: list[Any]) -> None:
        self._ask(
            self.world.wish(owner=owner, priority=OWNERS[owner], power=power), None
        )
        self.world.device.reads.extend(odd)

    @rule(
        owner=st.sampled_from(sorted(OWNERS)),
        mode=st.sampled_from(LeaseMode),
        minutes=st.sampled_from((1, 7, 30)),
        soc=st.sampled_from((None, 40, 60)),
        at_target=st.sampled_from((None, "hold", "release")),
        cut=st.sampled_from((None, None, None, 0.1, 0.35, 2.0, 9.0)),
        fates=st.lists(st.sampled_from(FATES), max_size=2),
    )
    def request(
        self,
        owner: str,
        mode: LeaseMode,
        minutes: int,
        soc: int | None,
        at_target: Any,
        cut: float | None,
        fates: list[Fate],
    ) -> None:
        self.world.device.fates.extend(fates)
        wish = self.world.wish(
            mode,
            owner=owner,
            priority=OWNERS[owner],
            minutes=minutes,
            target_soc=None if mode is LeaseMode.HOLD else soc,
            at_target=at_target,
        )
        if mode is LeaseMode.FULL_BACKUP and soc:
            wish = replace(wish, target_soc=90)
        self._ask(wish, cut)

    def _ask(self, wish: LeaseWish, cut: float | None) -> None:
        asking = self.world.desk.request(wish, AUTOMATION)
        if cut is None:
            with suppress(WishError):
                self.world.run(asking)
        else:
            self.world.begin(asking)
            self.world.wait(cut)

    @rule(resume=st.booleans(), cut=st.sampled_from((None, 0.3)))
    def cancel(self, resume: bool, cut: float | None) -> None:
        work = self.world.desk.cancel(USER, resume=resume)
        self.world.begin(work)
        self.world.wait(cut or 30)

    # ---- humans ----

    def _reserve(self) -> int:
        """Return a reserve that was never used before."""
        self.number = self.number % 85 + 1
        return self.number + 14

    @rule(mode=st.sampled_from(PLAIN))
    def human_chooses(self, mode: BatteryMode) -> None:
        """In the vendor's app."""
        self.world.human(
            **{BATTERY_MODE: mode.value, PARAMETERS[mode][0]: self._reserve()}
        )
        self.rest = dict(self.world.device.values)

    @rule()
    def human_changes_what_waits(self) -> None:
        lease = self.world.desk.current
        if lease is not None and lease.mode is LeaseMode.FULL_BACKUP:
            return  # about to be applied: whose number it is nobody could tell
        # What is late comes first, and may be a full backup whose lease is over: then
        # its reserve acts, and who changes it chooses that mode.
        self.world.device.hurry(self.world.loop.time())
        if self.world.mode is BatteryMode.FULL_BACKUP:
            return
        reserve = self._reserve()
        self.world.human(full_backup_reserve_soc=reserve)
        self.rest["full_backup_reserve_soc"] = reserve

    @precondition(lambda self: self.world.device.up)
    @rule(mode=st.sampled_from(PLAIN))
    def human_chooses_here(self, mode: BatteryMode) -> None:
        """At our own select, on a day on which writes get through."""
        device = self.world.device
        device.fates.clear()
        device.reads.clear()
        self.world.wait(100)
        changes = {BATTERY_MODE: mode.value, PARAMETERS[mode][0]: self._reserve()}
        held = self.world.desk.current
        change = self.world.desk.change(Wish(changes=changes, asker=USER))
        if held is not None and held.priority > 90:
            with pytest.raises(WishError):
                self.world.run(change)
        else:
            self.world.run(change)
            self.rest |= changes

    # ---- the world ----

    @rule(seconds=st.sampled_from((0.1, 1, 5, 20, 70, 400)))
    def wait(self, seconds: float) -> None:
        self._live(seconds)

    @rule()
    def lose_the_link(self) -> None:
        self.world.device.up = False

    @rule()
    def find_the_link(self) -> None:
        self._up()

    @rule()
    def reboot_the_stick(self) -> None:
        self.world.device.reboot()
        self.world.device.up = False
        self._live(20)
        self._up()

    def _up(self) -> None:
        if not self.world.device.up:
            self.world.device.up = True
            self.world.device.unrest = self.world.loop.time()

    @rule(minutes=st.sampled_from((0, 0, 2, 40)))
    def restart_home_assistant(self, minutes: int) -> None:
        self.world.kill()
        if minutes:
            self.world.wait(60 * minutes)
        self.world.boot()

    @rule(release=st.booleans())
    def reload(self, release: bool) -> None:
        self.world.run(self.world.desk.close(release=release))
        self.world.kill()
        self.world.boot()

    @rule(fate=st.sampled_from(FATES))
    def spoil_a_write(self, fate: Fate) -> None:
        if len(self.world.device.fates) < 2:
            self.world.device.fates.append(fate)

    @rule(odd=st.sampled_from(ODD))
    def spoil_a_read(self, odd: Any) -> None:
        if len(self.world.device.reads) < 2:
            self.world.device.reads.append(odd)

    @rule(percent=st.sampled_from((None, 0, 40, 100)))
    def room_beside_a_car(self, percent: int | None) -> None:
        limit = None
        if percent is not None:
            limit = ChargeLimit(percent, None if percent else Hindrance.NO_ROOM)
        self.world.conditions = replace(self.world.conditions, charge_limit=limit)
        self.world.desk.look_again()

    @rule(off_grid=st.sampled_from((True, False, False, None)))
    def grid(self, off_grid: bool | None) -> None:
        self.world.conditions = replace(self.world.conditions, off_grid=off_grid)

    @rule(alarm=st.sampled_from((False, False, True)))
    def alarm(self, alarm: bool) -> None:
        self.world.conditions = replace(self.world.conditions, alarm=alarm)

    @rule(soc=st.sampled_from((20, 41, 60, 99)))
    def charge(self, soc: int) -> None:
        self.world.conditions = replace(self.world.conditions, soc=soc)

    # ---- what has to hold ----

    def _live(self, seconds: float) -> None:
        """Let time pass, and look now and then."""
        while seconds > 0:
            self.world.wait(min(seconds, 10))
            seconds -= 10
            self.no_lease_outlives_its_end()

    @invariant()
    def nothing_is_sent_twice(self) -> None:
        assert not self.world.device.twice

    @invariant()
    def no_lease_outlives_its_end(self) -> None:
        world, device = self.world, self.world.device
        time = world.loop.time()
        if time > world.booted + OVERDUE:
            late = world.now() - timedelta(seconds=OVERDUE)
            assert all(lease.until >= late for lease in world.desk.leases)
        forced = device.values[BATTERY_MODE] in FORCED_MODES
        rests = self.rest[BATTERY_MODE] in FORCED_MODES
        over = forced and not rests and world.desk.current is None
        if not over or not device.up:
            self.late_since = None
            return
        since = max(self.late_since or time, device.unrest, world.booted)
        self.late_since = since
        assert time - since <= OVERDUE

    def teardown(self) -> None:
        """Let everything come to rest."""
        world = self.world
        try:
            world.device.fates.clear()
            world.device.reads.clear()
            world.conditions = replace(
                world.conditions, off_grid=False, alarm=False, charge_limit=None
            )
            self._up()
            self._live(40 * 60)
            assert world.device.values == self.rest
            assert not world.desk.leases
            assert world.desk.before is None
            assert not world.device.twice
        finally:
            world.end()


def _live(
    number: int,
    lives: int = LIVES,
    phases: tuple[Phase, ...] = (Phase.generate, Phase.shrink),
) -> None:
    machine = seed(SEED + number)(Lives)
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=lives,
            stateful_step_count=25,
            deadline=None,
            database=None,
            phases=phases,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.parametrize("number", [0, 1])
def test_at_rest_the_plant_stands_as_before(number: int) -> None:
    _live(number)


def test_a_restore_that_is_broken_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Standing, "missing", _forgets_to_restore)
    with pytest.raises(AssertionError):
        _live(2, lives=100, phases=(Phase.generate,))


_MISSING = Standing.missing


def _forgets_to_restore(self: Standing, seen: Any, told: Any, target: Any) -> Any:
    return {} if target == self.baseline else _MISSING(self, seen, told, target)
