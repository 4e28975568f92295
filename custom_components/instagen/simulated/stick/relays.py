"""The dry contact on the wire: ``relay`` of message 0xC308 (facts section 7)."""

from collections.abc import Mapping

from ...dts_messages import instagen_dts_pb2 as pb
from ...plant.dry_contact import GeneratorMode
from ..relay import Exercise, GeneratorSettings, Intelligent, RelaySettings, WeekGroup
from ..tariff import Window
from .numbering import CONTACT_FUNCTION, EXERCISE_EVERY, GENERATOR_MODE, LOAD_MODE
from .packing import pack_weekdays, pack_window, unpack_weekdays, unpack_window


def relay_of(message: pb.DryContact) -> RelaySettings:
    """Return the settings that a write describes; what it leaves out is the default.

    Raises:
        ValueError: when a number is unknown or out of range.
    """
    default = RelaySettings()
    socs = (
        message.protect_soc,
        message.generator.start_soc,
        message.generator.stop_soc,
    )
    if max(socs) > 100:
        raise ValueError("a SOC above 100 %")
    return RelaySettings(
        function=_named(CONTACT_FUNCTION, message.mode),
        switched_on=bool(message.switched_on),
        load_mode=_named(LOAD_MODE, message.load_mode or LOAD_MODE[default.load_mode]),
        times=_times(message.times),
        intelligent=_intelligent(message.intelligent),
        protect_soc=message.protect_soc,
        breaker_size=message.breaker_size or default.breaker_size,
        ev_charger_size=message.ev_charger_size or default.ev_charger_size,
        generator=_generator(message.generator),
    )


def _named[E](numbers: Mapping[E, int], number: int) -> E:
    for name, known in numbers.items():
        if known == number:
            return name
    raise ValueError(f"{number} is not known")


def _windows(*packed: int) -> tuple[Window, ...]:
    found = (unpack_window(one) for one in packed)
    return tuple(window for window in found if window)


def _groups(*pairs: tuple[int, tuple[Window, ...]]) -> tuple[WeekGroup, ...]:
    return tuple(
        WeekGroup(weekdays=unpack_weekdays(days), windows=windows)
        for days, windows in pairs
        if days
    )


def _times(message: pb.LoadTimes) -> tuple[WeekGroup, ...]:
    first = _windows(message.weekdays_1_time_1, message.weekdays_1_time_2)
    second = _windows(message.weekdays_2_time_1, message.weekdays_2_time_2)
    return _groups((message.weekdays_1, first), (message.weekdays_2, second))


def _intelligent(message: pb.LoadIntelligent) -> Intelligent:
    return Intelligent(
        groups=_groups(
            (message.weekdays_1, _windows(message.weekdays_1_time)),
            (message.weekdays_2, _windows(message.weekdays_2_time)),
        ),
        min_runtime=message.shortest_run,
        rated_power=message.rated_power,
    )


def _generator(message: pb.GeneratorControl) -> GeneratorSettings:
    default = GeneratorSettings()
    mode = _named(GENERATOR_MODE, message.mode or GENERATOR_MODE[default.mode])
    start = message.start_soc or default.start_soc
    stop = message.stop_soc or default.stop_soc
    if mode is GeneratorMode.AUTO and start >= stop:
        raise ValueError("the generator would never stop")
    return GeneratorSettings(
        mode=mode,
        start_soc=start,
        stop_soc=stop,
        charge_window=unpack_window(message.charge_time),
        quiet_on=bool(message.quiet_enabled),
        quiet_windows=_windows(message.quiet_time_1, message.quiet_time_2),
        exercise=_exercise(message.exercise),
    )


def _exercise(message: pb.GeneratorExercise) -> Exercise:
    if not message.mode:
        return Exercise()
    days = unpack_weekdays(message.weekday)
    start = unpack_window(message.start << 16)
    return Exercise(
        on=True,
        every=_named(EXERCISE_EVERY, message.frequency),
        weekday=min(days, default=0),
        start=start.start if start else 0,
        duration=message.duration,
    )


def message_of(relay: RelaySettings) -> pb.DryContact:
    """Return the settings as a read tells them."""
    return pb.DryContact(
        mode=CONTACT_FUNCTION[relay.function],
        switched_on=int(relay.switched_on),
        load_mode=LOAD_MODE[relay.load_mode],
        times=_times_message(relay.times),
        intelligent=_intelligent_message(relay.intelligent),
        protect_soc=relay.protect_soc,
        breaker_size=relay.breaker_size,
        ev_charger_size=relay.ev_charger_size,
        generator=_generator_message(relay.generator),
    )


def _packed(
    groups: tuple[WeekGroup, ...], index: int, windows: int
) -> tuple[int, tuple[int, ...]]:
    """Return weekdays and as many windows of a group, 0 where there is none."""
    if index >= len(groups):
        return 0, (0,) * windows
    packed = [pack_window(window) for window in groups[index].windows[:windows]]
    packed += [0] * (windows - len(packed))
    return pack_weekdays(groups[index].weekdays), tuple(packed)


def _times_message(groups: tuple[WeekGroup, ...]) -> pb.LoadTimes:
    days_1, windows_1 = _packed(groups, 0, 2)
    days_2, windows_2 = _packed(groups, 1, 2)
    return pb.LoadTimes(
        weekdays_1=days_1,
        weekdays_1_time_1=windows_1[0],
        weekdays_1_time_2=windows_1[1],
        weekdays_2=days_2,
        weekdays_2_time_1=windows_2[0],
        weekdays_2_time_2=windows_2[1],
    )


def _intelligent_message(intelligent: Intelligent) -> pb.LoadIntelligent:
    days_1, windows_1 = _packed(intelligent.groups, 0, 1)
    days_2, windows_2 = _packed(intelligent.groups, 1, 1)
    return pb.LoadIntelligent(
        weekdays_1=days_1,
        weekdays_1_time=windows_1[0],
        weekdays_2=days_2,
        weekdays_2_time=windows_2[0],
        shortest_run=intelligent.min_runtime,
        rated_power=intelligent.rated_power,
    )


def _generator_message(rules: GeneratorSettings) -> pb.GeneratorControl:
    quiet = [*rules.quiet_windows, None, None]
    message = pb.GeneratorControl(
        mode=GENERATOR_MODE[rules.mode],
        start_soc=rules.start_soc,
        stop_soc=rules.stop_soc,
        charge_time=pack_window(rules.charge_window),
        quiet_enabled=int(rules.quiet_on),
        quiet_time_1=pack_window(quiet[0]),
        quiet_time_2=pack_window(quiet[1]),
    )
    if rules.exercise.on:
        one = rules.exercise
        hour, minute = divmod(one.start, 60)
        message.exercise.CopyFrom(
            pb.GeneratorExercise(
                mode=1,
                frequency=EXERCISE_EVERY[one.every],
                weekday=1 << one.weekday,
                start=hour << 8 | minute,
                duration=one.duration,
            )
        )
    return message
