"""The simulated plant: a clock, what is fitted, and what the owner does to it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from ..plant.dry_contact import GeneratorMode
from ..plant.states import BatteryMode, WorkStatus
from . import assumptions, flows
from .alarms import EARTH_FAULTS, STOPPING, AlarmFamily, bit
from .cell import STEP_MS, Store
from .config import PlantConfig
from .contact import DryContact, Surrounding
from .counters import Counters, earlier_life
from .generator import Engine
from .household import Household
from .measure import Instruments, counter_powers, describe, detail, grid_currents
from .modes import Action, ControlState, ModeMachine, Order, Situation
from .parts import Overrides, parse_part
from .programs import Programs
from .relay import RelaySettings
from .settings import (
    NAMES,
    Setting,
    Settings,
    WriteFault,
    WriteTrouble,
    factory_settings,
)
from .tariff import DEFAULT_TARIFF, Tariff
from .weather import Weather

type Value = int | float | str | bool | None

_MODE_FIELDS: Final = frozenset(
    {
        "battery_mode",
        "self_consumption_reserve_soc",
        "full_backup_reserve_soc",
        "force_charge_target_soc",
        "force_charge_power",
        "force_discharge_target_soc",
        "force_discharge_power",
        "economical_reserve_soc",
        "off_grid_reserve_soc",
        "peak_shaving_reserve_soc",
        "peak_shaving_soc",
        "peak_shaving_power",
        "time_of_use_reserve_soc",
    }
)


class Watcher(Protocol):
    """Somebody with a deadline on the plant's clock."""

    @property
    def due(self) -> int:
        """The plant's time in ms at which ``look`` is wanted next."""

    def look(self) -> None:
        """Do what is due; also called when the clock was set."""


class SimulatedPlant:
    """A plant that lives on a clock of its own.

    Powers are planned at every ten seconds of that clock, and at once when something
    is changed; in between they stand still while counters integrate them. So a day
    advanced in one stride or in many small ones ends in the same state.
    """

    def __init__(
        self,
        config: PlantConfig | None = None,
        start: datetime | None = None,
        *,
        tariff: Tariff = DEFAULT_TARIFF,
    ) -> None:
        """Build a plant that begins at an aware moment (default: a day in June)."""
        self.config = config = config or PlantConfig()
        self.programs = self.acting_programs = Programs(tariff=tariff)
        self.contact = DryContact()
        self.engine = Engine()
        self.settings = self.acting = factory_settings(config)
        self.overrides = Overrides()
        self.zone = ZoneInfo(config.time_zone)
        self.counters = Counters(earlier_life(config))
        self.store: Store | None = None
        if config.battery:
            self.store = Store(config.battery, config.initial_soc)
        self.revision = 0
        self.inverter_temperature = 28.0
        self.control_state = ControlState.STORE
        self._household = Household(config.seed, config.mean_load, config.phases)
        self._weather = Weather(config)
        self._converter = flows.Converter(
            config.rated_power, config.standby_loss, config.conversion_loss
        )
        self.instruments = Instruments(config.seed)
        self._modes = ModeMachine()
        self.write_trouble: WriteTrouble | None = None
        self._pending: list[tuple[int, str, Setting]] = []
        self._programs_due: int | None = None
        self._shift = 0
        self._watchers: list[Watcher] = []
        self._reconnect_at = self._restart_until = 0
        self._dark = False
        start = start or datetime(2026, 6, 15, 11, tzinfo=UTC)
        if start.tzinfo is None:
            raise ValueError("start: needs a time zone")
        self._now = self._planned_at = round(start.timestamp() * 1000)
        self._midnight = self._next_midnight()
        self._plan()

    @property
    def now(self) -> int:
        """The plant's time in milliseconds since the epoch."""
        return self._now

    @property
    def local_time(self) -> datetime:
        """The plant's time on its own wall clock."""
        return datetime.fromtimestamp(self._now / 1000, self.zone)

    @property
    def uptime(self) -> int:
        """The plant's time in ms without the jumps of its clock; for waits."""
        return self._now - self._shift

    @property
    def tariff(self) -> Tariff:
        """The tariff in force."""
        return self.acting_programs.tariff

    # -- time ---------------------------------------------------------------------

    def advance(self, seconds: float) -> None:
        """Let time pass.

        Raises:
            ValueError: when asked to go back; ``set("time", ...)`` does that.
        """
        if not seconds >= 0:
            raise ValueError("seconds: 0 or more")
        target = self._now + round(seconds * 1000)
        while self._now < target:
            stop = min(target, self._replan_at)
            self.counters.add(self._powers, stop - self._now)
            if self.store:
                self.store.run(self.flows.battery, stop - self._now)
            self._now = stop
            if self._now >= self._replan_at:
                self._plan()
        self.revision += 1

    def _next_midnight(self) -> int:
        day = self.local_time.date() + timedelta(days=1)
        start = datetime(day.year, day.month, day.day, tzinfo=self.zone)
        return round(start.timestamp() * 1000)

    def _plan(self) -> None:
        """Look at everything anew and hold the powers until the next look."""
        self._pass_midnight()
        self._call_watchers()
        self._settle_writes()
        self._warm()
        local = self.local_time
        self._rebalance(local)
        if self._move_contact(local):
            self._rebalance(local)
        self._powers = counter_powers(self)
        ends = [(self._now // STEP_MS + 1) * STEP_MS]
        ends += [due for due, _, _ in self._pending]
        ends += [watcher.due for watcher in self._watchers]
        ends += [self.contact.due + self._shift, self.engine.due + self._shift]
        if self._programs_due is not None:
            ends.append(self._programs_due)
        ends += [
            at for at in (self._reconnect_at, self._restart_until) if at > self._now
        ]
        self._replan_at = min(ends)
        self.revision += 1

    def _rebalance(self, local: datetime) -> None:
        """Set the powers of this moment."""
        self.sources = self._look(local)
        self.flows = self._balance(local)
        self.house_phases = self._household.split(self.flows.house, self._now)

    def _move_contact(self, local: datetime) -> bool:
        """Let the dry contact and the generator act; tell whether powers change."""
        contact = self.contact
        before = (contact.load_runs, contact.generator.loaded)
        self._turn_engine()
        contact.look(self.acting_programs.relay, self._surrounding(local))
        self._turn_engine()
        return before != (contact.load_runs, contact.generator.loaded)

    def _turn_engine(self) -> None:
        fitted = self.config.generator_power is not None
        self.engine.look(
            asked=self.contact.generator.contact,
            fuel=fitted and self.overrides.fuel,
            now=self.uptime,
        )

    def _surrounding(self, local: datetime) -> Surrounding:
        flows = self.flows
        return Surrounding(
            now=self.uptime,
            local=local,
            powered=self.running,
            islanded=self.islanded,
            grid=self.overrides.grid,
            soc=self.store.soc if self.store else None,
            pv=sum(flows.strings) + flows.ac_pv,
            load=flows.house + flows.losses,
            charging=max(0, -flows.battery),
            currents=grid_currents(self),
            earth_fault=self.earth_fault,
            unsafe=self.fault and not self.earth_fault,
            generator_confirmed=self.generator_running,
        )

    @property
    def generator_running(self) -> bool:
        """Whether the generator gives voltage."""
        return self.overrides.generator or self.engine.running

    def _pass_midnight(self) -> None:
        if self._now >= self._midnight:
            self.counters.new_day()
            self._midnight = self._next_midnight()

    def watch(self, watcher: Watcher) -> None:
        """Call somebody whenever a deadline of theirs has come."""
        self._watchers.append(watcher)
        self._plan()

    def _call_watchers(self) -> None:
        for watcher in self._watchers:
            if watcher.due <= self._now:
                watcher.look()

    def _settle_writes(self) -> None:
        if self._programs_due is not None and self._programs_due <= self._now:
            self._programs_due = None
            self._obey(self.programs)
        due = [entry for entry in self._pending if entry[0] <= self._now]
        if due:
            self._pending = [entry for entry in self._pending if entry[0] > self._now]
            for _, name, value in due:
                self.acting = _changed(self.acting, name, value)

    def _obey(self, programs: Programs) -> None:
        renewed = programs.relay is not self.acting_programs.relay
        self.acting_programs = programs
        if renewed:
            self.contact.renew(self.uptime)

    def _warm(self) -> None:
        seconds = (self._now - self._planned_at) / 1000
        self._planned_at = self._now
        if seconds <= 0:
            return
        load = abs(self.flows.inverter) / self.config.rated_power
        target = 27 + 34 * min(1.0, load)
        share = min(1.0, seconds / 900)
        self.inverter_temperature += (target - self.inverter_temperature) * share
        if self.store:
            self.store.warm(self.flows.battery, 19, seconds)

    # -- powers -------------------------------------------------------------------

    def _look(self, local: datetime) -> flows.Sources:
        """Return what sun, generator and house offer and ask at this moment."""
        strings, ac_pv = self._weather.sunshine(self._now, self.overrides)
        minute = local.hour * 60 + local.minute
        house = self._household.power(self._now, minute, local.weekday(), local.month)
        if self.overrides.load is not None:
            house = self.overrides.load
        if self.contact.load_runs:
            given = self.overrides.contact_load
            house += self.config.contact_load if given is None else given
        generator = self.config.generator_power or 0
        running = self.overrides.generator or self.contact.generator.loaded
        return flows.Sources(strings, ac_pv, house, generator if running else 0)

    @property
    def running(self) -> bool:
        """Whether the inverter is switched on and not just starting."""
        return self.acting.running and self._now >= self._restart_until

    @property
    def islanded(self) -> bool:
        """Whether the house is parted from the grid."""
        parted = self.acting.battery_mode is BatteryMode.OFF_GRID
        return parted or not self.overrides.grid or self._now < self._reconnect_at

    @property
    def fault(self) -> bool:
        """Whether an alarm keeps the inverter from working."""
        words = self.overrides.alarms
        return any(
            words.get(family, 0) >> bit(family, name) & 1
            for family, stopping in STOPPING.items()
            for name in stopping
        )

    def _balance(self, local: datetime) -> flows.Flows:
        if not self.running or (self.overrides.alarms and self.fault):
            self.control_state = ControlState.STOPPED
            grid = self.overrides.grid
            return flows.stopped(self.sources, grid=grid)
        if self.islanded:
            return self._balance_island()
        self._dark = False
        order, generator = self._order(local), 0
        if charge := self._generator_charge():
            order = Order(ControlState.GENERATOR_CHARGE, Action.CHARGE, charge)
            generator = flows.generator_share(self._converter, self.sources, charge)
        self.control_state = order.state
        return flows.on_grid(
            self._converter, self.sources, order, self._export_cap(), generator
        )

    def _generator_charge(self) -> int:
        """Return W by which a loaded generator charges the battery beside the grid."""
        if not self.contact.generator.loaded:
            return 0
        rules = self.acting_programs.relay.generator
        auto = rules.mode is GeneratorMode.AUTO
        top = rules.stop_soc + 1 if auto else self.acting.battery_max_soc
        able = self.sources.generator * 9 // 10
        return self.charge(able, min(top, self.acting.battery_max_soc))

    def _export_cap(self) -> int | None:
        if not self.acting.export_control:
            return None
        return round(self.config.rated_power * self.acting.export_limit / 100)

    def _order(self, local: datetime) -> Order:
        natural = flows.natural_battery(self._converter, self.sources)
        economical = self.acting.battery_mode is BatteryMode.ECONOMICAL
        band = self.tariff.band(local) if economical else None
        soc = self.store.soc if self.store else 0.0
        rated = self.config.rated_power
        period, charging = self.acting_programs.use(local)
        situation = Situation(soc, natural, rated, band, period, charging)
        if self.store is None:
            return _without_battery(natural)
        return self._modes.order(self.acting, situation, self)

    def charge(self, power: int, up_to: float) -> int:
        """Return the charge power possible up to a SOC, in W."""
        if self.store is None:
            return 0
        share = self.acting.battery_charge_power_limit / 100
        most = round(self.config.rated_power * share)
        return self.store.charge_limit(min(power, most), up_to)

    def discharge(self, power: int, down_to: float) -> int:
        """Return the discharge power possible down to a SOC, in W."""
        if self.store is None:
            return 0
        share = self.acting.battery_discharge_power_limit / 100
        most = round(self.config.rated_power * share)
        return self.store.discharge_limit(min(power, most), down_to)

    def _balance_island(self) -> flows.Flows:
        sources, acting = self.sources, self.acting
        house = sources.house * self.config.backup_share // 1000
        sources = sources._replace(house=house)
        rated = self.config.rated_power
        charge = self.charge(rated, acting.battery_max_soc)
        floor = acting.battery_min_soc
        if assumptions.RESERVE_HOLDS_OFF_GRID:
            floor = max(floor, acting.self_consumption_reserve_soc)
        discharge = self.discharge(rated, floor)
        able = acting.backup_output != 0 and (self.store or acting.pv_island)
        wait = self._dark and self._exhausted(floor) and not sources.generator
        found = None
        if able and not wait:
            found = flows.off_grid(self._converter, sources, charge, discharge)
        self._dark = found is None
        self.control_state = ControlState.DARK if self._dark else ControlState.ISLAND
        return found or flows.dark(self._converter, sources, charge)

    def _exhausted(self, floor: float) -> bool:
        """Tell whether the battery has yet to recover before the output comes back."""
        if self.store is None:
            return False
        return self.store.soc < floor + assumptions.SOC_HYSTERESIS

    # -- what it tells ------------------------------------------------------------

    @property
    def work_status(self) -> WorkStatus:
        """What the inverter says that it does."""
        if self.overrides.alarms and self.fault:
            return WorkStatus.FAULT
        if self._now < self._restart_until:
            return WorkStatus.POWER_UP
        if not self.acting.running:
            return WorkStatus.STANDBY
        if self.islanded:
            if self._dark:
                return WorkStatus.STANDBY
            testing = self.overrides.grid and self._now < self._reconnect_at
            return WorkStatus.GRID_TEST if testing else WorkStatus.OFF_GRID
        if self.store is None and sum(self.flows.strings) == 0:
            return WorkStatus.STANDBY
        return WorkStatus.ON_GRID

    @property
    def reconnect_seconds(self) -> int:
        """Seconds until the inverter may connect to the grid again."""
        return max(0, -(-(self._reconnect_at - self._now) // 1000))

    def alarm_word(self, family: AlarmFamily) -> int:
        """Return a fault word: what was set, and what the plant's state raises."""
        word = self.overrides.alarms.get(family, 0)
        match family:
            case AlarmFamily.SAFETY_DSP if not self.overrides.grid:
                word |= 1 << bit(family, "grid_lost")
            case AlarmFamily.POWER_DSP if self._dark and self.store:
                word |= 1 << bit(family, "battery_energy_low")
            case AlarmFamily.ARM_PERIPHERAL if (
                self.config.meter and not self.overrides.meter
            ):
                word |= 1 << bit(family, "grid_meter_lost")
        return word

    @property
    def earth_fault(self) -> bool:
        """Whether the insulation or the residual current is at fault."""
        family = AlarmFamily.SAFETY_DSP
        word = self.alarm_word(family)
        return any(word >> bit(family, name) & 1 for name in EARTH_FAULTS)

    def state(self) -> dict[str, Value]:
        """Return what is true now, by the keys of design/mission.md sections 2 and 3.

        Signs and units are the mission's. Keys of parts that are not fitted are absent;
        ``active_link`` and ``last_update`` belong to a link and are absent, too.
        ``load_power`` is the device's reading, which includes the inverter's losses
        (facts/modbus-registers.csv 2169): ``house_power + losses_power``.
        """
        return describe(self)

    def detail(self) -> dict[str, Value]:
        """Return what lies beyond the mission's keys: phases, rails, flows, limits."""
        return detail(self)

    # -- what is done to it -------------------------------------------------------

    def set(self, part: str, value: object) -> None:
        """Change one part or setting at once, as the weather or the app would.

        Parts: sun, irradiance, night, load, grid, soc, time, generator, meter,
        cloud, dry_contact, relay and its load, alarms, and every setting by name.

        Raises:
            ValueError: when the part is unknown, not fitted or the value wrong; nothing
                has changed then.
        """
        self.set_many({part: value})

    def set_many(self, changes: Mapping[str, object]) -> None:
        """Change several parts, all or none.

        Raises:
            ValueError: as ``set``.
        """
        parsed = {part: parse_part(self, part, new) for part, new in changes.items()}
        for part, value in parsed.items():
            self._apply(part, value)
        self._plan()

    def _apply(self, part: str, value: object) -> None:
        match part, value:
            case "time", datetime():
                self._jump(value)
            case "soc", float() if self.store:
                self.store.soc = value
            case "grid", bool():
                self._switch_grid(on=value)
            case "contactor", bool():
                self.contact.tripped = False
            case "relay", RelaySettings():
                self.programs = replace(self.programs, relay=value)
                self._obey(replace(self.acting_programs, relay=value))
            case name, int() | float() | str() if name in NAMES:
                self.settings = _changed(self.settings, part, value)
                self.acting = _changed(self.acting, part, value)
                self._pending = [p for p in self._pending if p[1] != part]
            case _:
                setattr(self.overrides, part, value)

    def _switch_grid(self, *, on: bool) -> None:
        if on and not self.overrides.grid:
            delay = assumptions.GRID_RETURN_DELAY
            self._reconnect_at = self._now + delay * 1000
        self.overrides.grid = on

    def _jump(self, moment: datetime) -> None:
        before = self.local_time.date()
        shift = round(moment.timestamp() * 1000) - self._now
        self._now += shift
        self._shift += shift
        if self._programs_due is not None:
            self._programs_due += shift
        self._planned_at += shift
        self._reconnect_at += shift
        self._restart_until += shift
        self._pending = [(due + shift, n, v) for due, n, v in self._pending]
        if self.local_time.date() != before:
            self.counters.new_day()
        self._midnight = self._next_midnight()
        for watcher in self._watchers:
            watcher.look()

    def write(
        self, changes: Mapping[str, Setting], programs: Programs | None = None
    ) -> None:
        """Store settings as a write over a link does: kept at once, obeyed later.

        A mode takes 17 s, a limit 19 s (facts/local-protocol.md 4.6). The values must
        have come from ``parse_setting``.
        """
        fault = self.write_trouble.fault if self.write_trouble else None
        if fault is WriteFault.IGNORED:
            return
        for name, value in changes.items():
            self.settings = _changed(self.settings, name, value)
            if fault is WriteFault.INERT:
                continue
            slow = assumptions.LIMIT_WRITE_DELAY
            seconds = assumptions.MODE_WRITE_DELAY if name in _MODE_FIELDS else slow
            self._pending = [entry for entry in self._pending if entry[1] != name]
            self._pending.append((self._now + seconds * 1000, name, value))
        if programs is not None:
            self.programs = programs
            if fault is not WriteFault.INERT:
                delay = assumptions.MODE_WRITE_DELAY
                self._programs_due = self._now + delay * 1000
        self._plan()

    def clear_alarms(self) -> None:
        """Forget the alarms that were set."""
        self.overrides.alarms = {}
        self._plan()

    def replan(self) -> None:
        """Look at everything anew, because a deadline was added."""
        self._plan()

    def restore(self, settings: Settings) -> None:
        """Take a whole set of settings at once, as a factory reset does."""
        self.settings = self.acting = settings
        self.programs = Programs()
        self._obey(self.programs)
        self._pending.clear()
        self._programs_due = None
        self._plan()

    def restart(self) -> None:
        """Let the inverter start anew: it stands for a minute."""
        self._restart_until = self._now + assumptions.INVERTER_RESTART * 1000
        self._plan()

    def reset_counters(self) -> None:
        """Lose every lifetime counter, as a replaced mainboard does."""
        self.counters.reset()
        self.revision += 1


def _changed(settings: Settings, name: str, value: object) -> Settings:
    values = {key: getattr(settings, key) for key in NAMES}
    return Settings(**{**values, name: value})


def _without_battery(natural: int) -> Order:
    spilling = ControlState.SPILL if natural <= 0 else ControlState.FLOOR
    return Order(spilling, Action.IDLE)
