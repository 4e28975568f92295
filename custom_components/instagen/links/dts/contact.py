"""The road for changes of the dry contact: ``relay`` of message 0xC308 (facts section 7).

Nobody published a use of it. Its shape is known, its numbers are inferred, so all of it
wants the owner's consent, and any number that does not fit what is inferred keeps the road
from reading and writing at all.

What a write with the contact and without a mode does is not known either; what a message
leaves out falls back to defaults elsewhere. So a write is what the stick told a moment ago
(the mode with what it acts by, and whatever of it we do not know) with the wished fields
changed, and without such an answer nothing is sent. On a plant of several inverters
nobody knows whose contact would be meant: there this road carries nothing.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from google.protobuf.message import Message

from ...dts_messages import instagen_dts_pb2 as pb
from ...plant.contact_settings import (
    FUNCTION,
    GENERATOR,
    GENERATOR_MODE,
    LOAD_CONTACT,
    LOAD_MODE,
    OTHER,
    RANGES,
    weekdays_in,
    weekdays_text,
    window_in,
    window_text,
)
from ...plant.dry_contact import ContactFunction, GeneratorMode, LoadMode
from ...plant.evidence import Evidence
from ...plant.settings import (
    SETTINGS,
    Block,
    Range,
    SettingKind,
    SettingValue as Value,
    SettingValues,
)
from ...plant.states import BatteryMode, LinkName
from ..settings import Capability, SettingsError, Trouble
from ..tariff_form import TariffUnreadableError
from .packing import (
    packed_weekdays,
    packed_window,
    unpacked_weekdays,
    unpacked_window,
)
from .settings import check_whole
from .user_settings import UserSettings

# ---- inferred numbers: a hardware finding changes a line here ----

EVIDENCE: Final = Evidence.INFERRED
"""Of everything here: nobody published a write of a contact."""

_FUNCTIONS: Final[Mapping[str, int]] = {
    ContactFunction.OFF: 0,
    ContactFunction.EARTH_FAULT_ALARM: 1,
    ContactFunction.LOAD_CONTROL: 2,
    ContactFunction.GENERATOR_CONTROL: 3,
}
"""The cloud keeps parameters of uses 2 and 3, which are those that have any."""

_LOAD_MODES: Final[Mapping[str, int]] = {
    mode: number for number, mode in enumerate(LoadMode, 1)
}
"""The order of manual 5.2.2 and of a newer message."""

_GENERATOR_MODES: Final[Mapping[str, int]] = {
    GeneratorMode.MANUAL: 1,
    GeneratorMode.AUTO: 2,
}
"""The order of manual 5.2.3.1; there is no other hint."""

_CHOICES: Final = {
    FUNCTION: _FUNCTIONS,
    LOAD_MODE: _LOAD_MODES,
    GENERATOR_MODE: _GENERATOR_MODES,
}


class _Place(NamedTuple):
    """Where a setting stands in the message."""

    path: tuple[str, ...]
    name: str


_PLACES: Final[Mapping[str, _Place]] = {
    FUNCTION: _Place((), "mode"),
    LOAD_MODE: _Place((), "load_mode"),
    "load_weekdays_1": _Place(("times",), "weekdays_1"),
    "load_window_1": _Place(("times",), "weekdays_1_time_1"),
    "load_window_2": _Place(("times",), "weekdays_1_time_2"),
    "load_weekdays_2": _Place(("times",), "weekdays_2"),
    "load_window_3": _Place(("times",), "weekdays_2_time_1"),
    "load_window_4": _Place(("times",), "weekdays_2_time_2"),
    "surplus_weekdays_1": _Place(("intelligent",), "weekdays_1"),
    "surplus_window_1": _Place(("intelligent",), "weekdays_1_time"),
    "surplus_weekdays_2": _Place(("intelligent",), "weekdays_2"),
    "surplus_window_2": _Place(("intelligent",), "weekdays_2_time"),
    "load_min_run_time": _Place(("intelligent",), "shortest_run"),
    "load_nominal_power": _Place(("intelligent",), "rated_power"),
    "load_protection_soc": _Place((), "protect_soc"),
    "entrance_breaker_size": _Place((), "breaker_size"),
    "ev_charger_size": _Place((), "ev_charger_size"),
    GENERATOR_MODE: _Place(("generator",), "mode"),
    "generator_start_soc": _Place(("generator",), "start_soc"),
    "generator_stop_soc": _Place(("generator",), "stop_soc"),
    "generator_charge": _Place(("generator",), "charge_time"),
    "generator_quiet_time": _Place(("generator",), "quiet_enabled"),
    "generator_quiet_1": _Place(("generator",), "quiet_time_1"),
    "generator_quiet_2": _Place(("generator",), "quiet_time_2"),
}
"""The exercise is left as it stands: of its numbers not even a guess is public."""

_COMMANDS: Final[Mapping[str, ContactFunction]] = {
    LOAD_CONTACT: ContactFunction.LOAD_CONTROL,
    GENERATOR: ContactFunction.GENERATOR_CONTROL,
}
"""One switch on the wire, of whichever is in use."""

_CAPABILITIES: Final[Mapping[str, Capability]] = {
    key: Capability(evidence=EVIDENCE, range=RANGES.get(key))
    for key in (*_PLACES, *_COMMANDS)
}


class DtsContact:
    """Reads and writes the dry contact of a plant with one inverter."""

    name: Final = LinkName.DTS
    modes: Final[Mapping[BatteryMode, Evidence]] = MappingProxyType({})

    def __init__(self, messages: UserSettings) -> None:
        """Take the messages that carry the settings."""
        self._messages = messages

    @property
    def capabilities(self) -> Mapping[str, Capability]:
        """The settings that this road carries."""
        return _CAPABILITIES if len(self._messages.serials) <= 1 else {}

    async def read(self, block: Block) -> SettingValues:
        """Ask for the contact. Raises ``SettingsError``."""
        if block is not Block.CONTACT:
            raise SettingsError(Trouble.NOT_READABLE)
        return values_of(_contact_in(await self._told()))

    def changed_elsewhere(self) -> None:
        """Forget nothing: each question goes to the device."""

    async def _told(self) -> pb.WorkingMode:
        if len(self._messages.serials) > 1:
            raise SettingsError(Trouble.NOT_READABLE)
        return await self._messages.read()

    async def write(self, block: Block, values: SettingValues) -> None:
        """Change what differs from what the stick tells now, with one message.

        Raises ``SettingsError``; ``ValueError`` when a value is none, or when the stick
        tells too little of itself to send all of it back.
        """
        if block is not Block.CONTACT:
            raise ValueError(f"{block}: not carried")
        try:
            answer = await self._told()
            contact = _contact_in(answer)
            stood = values_of(contact)
        except SettingsError as err:
            # So far there was only a question.
            raise SettingsError(Trouble.LOST) from err
        check_whole(answer)
        request = pb.WorkingMode()
        request.CopyFrom(answer)
        put(request.relays[0], stood, values)
        await self._messages.write(request)


def _contact_in(answer: pb.WorkingMode) -> pb.DryContact:
    """Return the one contact that was told; raise ``SettingsError`` for none or more."""
    if len(answer.relays) != 1:
        raise SettingsError(Trouble.NOT_READABLE)
    return answer.relays[0]


# ---- the message ----


def values_of(contact: pb.DryContact) -> dict[str, Value]:
    """Take over what a stick told about its contact.

    Raises ``SettingsError`` for a number that cannot be what it is taken for.
    """
    values: dict[str, Value] = {}
    for key, place in _PLACES.items():
        value = _decoded(key, getattr(_part(contact, place), place.name))
        if value is not None:
            values[key] = value
    if contact.switched_on > 1:
        raise SettingsError(Trouble.GARBLED)
    for key, function in _COMMANDS.items():
        values[key] = values[FUNCTION] == function and contact.switched_on == 1
    return values


def put(contact: pb.DryContact, stood: SettingValues, values: SettingValues) -> None:
    """Put what differs into a contact, leaving alone all else. Raises ``ValueError``."""
    changes = {
        key: value
        for key, value in values.items()
        if key in _CAPABILITIES and stood.get(key) != value
    }
    for key in changes.keys() & _PLACES.keys():
        place = _PLACES[key]
        setattr(_part(contact, place), place.name, _encoded(key, changes[key]))
    function = values.get(FUNCTION, stood.get(FUNCTION))
    if FUNCTION in changes:
        # Another use never begins with the switch of the one before.
        contact.switched_on = 0
    for key, use in _COMMANDS.items():
        on = values.get(key) is True
        if function == use and (key in changes or FUNCTION in changes):
            contact.switched_on = int(on)
        elif on and key in changes:
            raise ValueError(f"{key}: not in use")


def _part(contact: pb.DryContact, place: _Place) -> Message:
    part: Message = contact
    for name in place.path:
        part = getattr(part, name)
    return part


def _decoded(key: str, number: int) -> Value | None:
    """Return a value; None for what was left out. Raises ``SettingsError``."""
    if limits := RANGES.get(key):
        return _number(limits, number)
    match SETTINGS[key].kind:
        case SettingKind.CHOICE:
            return _choice(key, number)
        case SettingKind.WINDOW:
            try:
                return window_text(unpacked_window(number))
            except (TariffUnreadableError, OverflowError) as err:
                raise SettingsError(Trouble.GARBLED) from err
        case SettingKind.WEEKDAYS:
            days = unpacked_weekdays(number)
            return _exact(weekdays_text(days), packed_weekdays(days) == number)
        case _:
            return _exact(number == 1, number in {0, 1})


def _number(limits: Range, number: int) -> int | None:
    if number > limits.high:
        raise SettingsError(Trouble.GARBLED)
    # A field left out is 0; where 0 cannot be, it is unknown.
    return number if number >= limits.low else None


def _choice(key: str, number: int) -> str | None:
    for name, known in _CHOICES[key].items():
        if known == number:
            return str(name)
    return OTHER if number else None


def _exact[V: Value](value: V, exact: bool) -> V:
    if not exact:
        raise SettingsError(Trouble.GARBLED)
    return value


def _encoded(key: str, value: Value) -> int:
    """Return the number of a value. Raises ``ValueError``."""
    if limits := RANGES.get(key):
        if isinstance(value, bool | str) or not limits.holds(value):
            raise ValueError(f"{key}: out of range")
        return round(value)
    if isinstance(value, bool):
        return int(value)
    return _text_number(key, str(value))


def _text_number(key: str, text: str) -> int:
    match SETTINGS[key].kind:
        case SettingKind.CHOICE:
            if text not in _CHOICES[key]:
                raise ValueError(f"{key}: not to be chosen")
            return _CHOICES[key][text]
        case SettingKind.WINDOW:
            window = window_in(text)
            number = packed_window(window)
            if window is not None and not number:
                raise ValueError(f"{key}: the one minute that means no window")
            return number
        case SettingKind.WEEKDAYS:
            return packed_weekdays(weekdays_in(text))
        case _:
            raise ValueError(f"{key}: not a text")
