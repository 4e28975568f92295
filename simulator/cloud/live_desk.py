"""Settings of a simulated plant in the cloud's form, both ways."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from custom_components.instagen.simulated import SimulatedPlant
from custom_components.instagen.simulated.programs import Programs, UsePeriod
from custom_components.instagen.simulated.relay import (
    ContactFunction,
    GeneratorMode,
    LoadMode,
    RelaySettings,
)
from custom_components.instagen.simulated.settings import (
    MODES,
    Setting,
    Settings,
    parse_setting,
)
from custom_components.instagen.simulated.stick.packing import (
    pack_range,
    pack_window,
    unpack_range,
    unpack_window,
)
from custom_components.instagen.simulated.tariff import (
    DayGroup,
    Price,
    Season,
    Tariff,
    TariffPeriod,
    Window,
)

from .blocks import duration, filled
from .errors import JobFailed

_SETTING_OF: Final[Mapping[int, Mapping[str, str]]] = {
    1: {"reserve_soc": "self_consumption_reserve_soc"},
    2: {"reserve_soc": "economical_reserve_soc"},
    3: {"reserve_soc": "full_backup_reserve_soc"},
    4: {},
    5: {"reserve_soc": "force_charge_target_soc", "max_power": "force_charge_power"},
    6: {
        "reserve_soc": "force_discharge_target_soc",
        "max_power": "force_discharge_power",
    },
    7: {
        "reserve_soc": "peak_shaving_reserve_soc",
        "max_soc": "peak_shaving_soc",
        "meter_power": "peak_shaving_power",
    },
    8: {"reserve_soc": "time_of_use_reserve_soc"},
}
_SYMBOLS: Final = {"GBP": "£", "EUR": "€", "USD": "$"}
_FUNCTIONS: Final = tuple(ContactFunction)
_LOAD_MODES: Final = tuple(LoadMode)
_GENERATOR_MODES: Final = tuple(GeneratorMode)
_BANDS: Final = {
    1: TariffPeriod.OFF_PEAK,
    2: TariffPeriod.PARTIAL_PEAK,
    3: TariffPeriod.PEAK,
}


class LiveDesk:
    """Writes as the stick would: kept at once, obeyed seconds later; reads what is obeyed."""

    def __init__(
        self, plant: SimulatedPlant, command: Callable[[int, int], None]
    ) -> None:
        """Take the plant, and who carries out commands."""
        self._plant = plant
        self.command = command

    def battery(self) -> dict[str, Any]:
        """Return the mode in force and all blocks."""
        if self._plant.store is None:
            raise JobFailed("00002")
        acting, programs = self._plant.acting, self._plant.acting_programs
        data: dict[str, dict[str, Any]] = {
            f"k_{mode}": _numbers(acting, names) for mode, names in _SETTING_OF.items()
        }
        data["k_2"] |= _tariff_told(programs.tariff)
        data["k_7"]["meter_power"] = str(data["k_7"]["meter_power"])
        data["k_8"]["time"] = [_use_told(period) for period in programs.times_of_use]
        return {"mode": MODES.index(acting.battery_mode) + 1, "data": data}

    def set_battery(self, mode: int, block: Mapping[str, Any]) -> None:
        """Write a mode with its whole block.

        Raises:
            JobFailed: when the device cannot take a value.
        """
        whole = filled(mode, block)
        changes: dict[str, Setting] = {"battery_mode": MODES[mode - 1]}
        programs = self._plant.programs
        try:
            for field, name in _SETTING_OF[mode].items():
                number = float(whole[field])
                changes[name] = parse_setting(name, number)
            if mode == 2:
                programs = replace(programs, tariff=_tariff(whole))
            if mode == 8:
                uses = tuple(_use(entry) for entry in whole["time"])
                programs = replace(programs, times_of_use=uses)
        except (KeyError, TypeError, ValueError) as error:
            raise JobFailed("01004") from error
        self._write(changes, programs)

    def _write(self, changes: Mapping[str, Setting], programs: Programs) -> None:
        renewed = None if programs is self._plant.programs else programs
        self._plant.write(changes, renewed)

    # -- dry contact ----

    def contact(self) -> dict[str, Any]:
        """Return the contact's function, and mode and threshold of each."""
        relay = self._plant.acting_programs.relay
        rules = relay.generator
        return {
            "mode": _FUNCTIONS.index(relay.function),
            "data": {
                "k_1": {},
                "k_2": {
                    "mode": _LOAD_MODES.index(relay.load_mode) + 1,
                    "threshold": relay.protect_soc,
                },
                "k_3": {
                    "mode": _GENERATOR_MODES.index(rules.mode) + 1,
                    "threshold": rules.start_soc,
                },
            },
        }

    def set_contact(self, payload: Mapping[str, Any]) -> None:
        """Write what the contact has to do.

        Raises:
            JobFailed: when the device cannot take a value.
        """
        programs = self._plant.programs
        try:
            relay = _relay(programs.relay, payload)
        except (IndexError, KeyError, TypeError, ValueError) as error:
            raise JobFailed("01004") from error
        self._write({}, replace(programs, relay=relay))


def _numbers(settings: Settings, names: Mapping[str, str]) -> dict[str, Any]:
    return {field: getattr(settings, name) for field, name in names.items()}


def _relay(now: RelaySettings, payload: Mapping[str, Any]) -> RelaySettings:
    load, generator = (payload["data"].get(key, {}) for key in ("k_2", "k_3"))
    load_mode, rules = now.load_mode, now.generator
    if "mode" in load:
        load_mode = _chosen(_LOAD_MODES, load["mode"])
    if "mode" in generator:
        rules = replace(rules, mode=_chosen(_GENERATOR_MODES, generator["mode"]))
    if "threshold" in generator:
        rules = replace(rules, start_soc=_percent(generator["threshold"]))
    return replace(
        now,
        function=_FUNCTIONS[payload["mode"]],
        load_mode=load_mode,
        protect_soc=_percent(load.get("threshold", now.protect_soc)),
        generator=rules,
    )


def _chosen[T](choices: tuple[T, ...], number: int) -> T:
    if not 1 <= number <= len(choices):
        raise ValueError(number)
    return choices[number - 1]


def _percent(value: float | str) -> int:
    number = int(value)
    if not 0 <= number <= 100:
        raise ValueError(value)
    return number


# -- tariff and times ----


def _clock(minute: int) -> str:
    return f"{minute // 60 % 24:02}:{minute % 60:02}"


def _minute(text: str) -> int:
    hours, minutes = (int(part) for part in text.split(":"))
    if not (0 <= hours < 24 and 0 <= minutes < 60):
        raise ValueError(text)
    return hours * 60 + minutes


def _times(window: Window | None) -> tuple[str, str]:
    """Tell a window as the stick's own messages do, which the cloud passes on."""
    start, end = (hour * 60 + rest for hour, rest in unpack_range(pack_window(window)))
    return _clock(start), _clock(end)


def _window(start: str, end: str) -> Window | None:
    return unpack_window(
        pack_range(divmod(_minute(start), 60), divmod(_minute(end), 60))
    )


def _tariff_told(tariff: Tariff) -> dict[str, Any]:
    return {
        "money_code": _SYMBOLS.get(tariff.currency, tariff.currency),
        "date": [
            {
                "start_date": "{:02}-{:02}".format(*season.first),
                "end_date": "{:02}-{:02}".format(*season.last),
                "time": [_group_told(group) for group in season.groups],
            }
            for season in tariff.seasons
        ],
    }


def _group_told(group: DayGroup) -> dict[str, Any]:
    times: dict[int, tuple[str | None, str | None]] = {
        1: _times(group.off_peak),
        2: (None, None),
        3: _times(group.peak),
    }
    prices = {
        kind: group.prices.get(band, Price(0, 0)) for kind, band in _BANDS.items()
    }
    return {
        "week": [day + 1 for day in sorted(group.weekdays)],
        "duration": [duration(kind, times[kind], *prices[kind]) for kind in (1, 2, 3)],
    }


def _tariff(block: Mapping[str, Any]) -> Tariff:
    codes = {symbol: code for code, symbol in _SYMBOLS.items()}
    money = str(block["money_code"])
    seasons = tuple(
        Season(
            first=_date(period["start_date"]),
            last=_date(period["end_date"]),
            groups=tuple(_group(group) for group in period["time"] if group["week"]),
        )
        for period in block["date"]
    )
    return Tariff(seasons=seasons, currency=codes.get(money, money))


def _date(text: str) -> tuple[int, int]:
    month, day = (int(part) for part in text.split("-"))
    if not (1 <= month <= 12 and 1 <= day <= 31):
        raise ValueError(text)
    return month, day


def _group(group: Mapping[str, Any]) -> DayGroup:
    bands = {band["type"]: band for band in group["duration"]}
    windows = {
        kind: _window(bands[kind]["start_time"], bands[kind]["end_time"])
        for kind in (1, 3)
    }
    return DayGroup(
        weekdays=frozenset(day - 1 for day in group["week"]),
        off_peak=windows[1],
        peak=windows[3],
        prices={
            _BANDS[kind]: Price(float(band["in"]), float(band["out"]))
            for kind, band in bands.items()
        },
    )


def _use_told(period: UsePeriod) -> dict[str, Any]:
    return {
        "cs_time": _clock(period.charge.start),
        "ce_time": _clock(period.charge.end),
        "c_power": period.charge_power,
        "dcs_time": _clock(period.discharge.start),
        "dce_time": _clock(period.discharge.end),
        "dc_power": period.discharge_power,
        "charge_soc": period.highest_soc,
        "dis_charge_soc": period.lowest_soc,
    }


def _use(entry: Mapping[str, Any]) -> UsePeriod:
    return UsePeriod(
        charge=Window(_minute(entry["cs_time"]), _minute(entry["ce_time"])),
        charge_power=_percent(entry["c_power"]),
        discharge=Window(_minute(entry["dcs_time"]), _minute(entry["dce_time"])),
        discharge_power=_percent(entry["dc_power"]),
        highest_soc=_percent(entry["charge_soc"]),
        lowest_soc=_percent(entry["dis_charge_soc"]),
    )
