"""Faults that can be switched on and off while the simulator runs."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from custom_components.instagen.simulated.errors import WrongValueError

from .modbus.device import Spike

if TYPE_CHECKING:
    from .session import Simulator

_GARBAGE_KINDS: Final = ("words", "frame", "short_frame")
_SPIKE_WORD: Final = 0xFFF5


@dataclass(frozen=True, kw_only=True)
class FaultKind:
    """A fault: what a newcomer reads about it, and what it takes."""

    about: str
    parameters: Mapping[str, str]
    switch: Callable[[Simulator, bool, Mapping[str, Any]], Awaitable[None]]
    lasting: bool = True


def check_fault(name: str, parameters: Mapping[str, object]) -> dict[str, Any]:
    """Return the parameters of a fault in their own types.

    Raises:
        ValueError: for an unknown fault or parameter, or a value out of range.
    """
    kind = FAULTS.get(name)
    if kind is None:
        raise WrongValueError(f"fault: {name!r} is none of {', '.join(FAULTS)}")
    for key in parameters:
        if key not in kind.parameters:
            known = ", ".join(kind.parameters) or "none"
            raise WrongValueError(f"{name}: no parameter {key!r}; it takes {known}")
    return {key: _check(name, key, value) for key, value in parameters.items()}


def _check(name: str, key: str, value: object) -> object:
    if key == "kind":
        if value not in _GARBAGE_KINDS:
            raise WrongValueError(f"{name}.kind: one of {', '.join(_GARBAGE_KINDS)}")
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise WrongValueError(f"{name}.{key}: a number")
    low, high = {"seconds": (1, 86_400), "reads": (1, 1000)}.get(key, (0, 0xFFFF))
    if not low <= value <= high or (key != "seconds" and value != int(value)):
        raise WrongValueError(f"{name}.{key}: {low} to {high}")
    return float(value) if key == "seconds" else int(value)


async def _drop(sim: Simulator, on: bool, _: Mapping[str, Any]) -> None:
    sim.dropped = on
    await _leave_or_return(sim)


async def _reboot(sim: Simulator, on: bool, given: Mapping[str, Any]) -> None:
    seconds = given.get("seconds", 30.0)
    sim.return_at = sim.plant.now + round(seconds * 1000) if on else None
    await _leave_or_return(sim)


async def _leave_or_return(sim: Simulator) -> None:
    """Be gone while there is a reason to be; a drop outlasts a reboot."""
    if sim.dropped or sim.return_at is not None:
        await sim.modbus.leave()
    else:
        await sim.modbus.come_back()


async def _freeze(sim: Simulator, on: bool, _: Mapping[str, Any]) -> None:
    sim.modbus.device.freeze(on=on)


async def _stall(sim: Simulator, on: bool, _: Mapping[str, Any]) -> None:
    sim.modbus.faults.stall = on


async def _reset(sim: Simulator, on: bool, _: Mapping[str, Any]) -> None:
    sim.modbus.faults.reset = on


async def _garbage(sim: Simulator, on: bool, given: Mapping[str, Any]) -> None:
    sim.modbus.faults.garbage = given.get("kind", "words") if on else None


async def _transaction(sim: Simulator, on: bool, _: Mapping[str, Any]) -> None:
    sim.modbus.faults.wrong_transaction_id = on


async def _spike(sim: Simulator, on: bool, given: Mapping[str, Any]) -> None:
    device = sim.modbus.device
    if not on:
        device.spike = None
        return
    register = given.get("register")
    if register is None:
        register = device.random_register(sim.modbus.random)
    word = given.get("word", _SPIKE_WORD)
    device.spike = Spike(register, word, given.get("reads", 1))


async def _counter_reset(sim: Simulator, on: bool, _: Mapping[str, Any]) -> None:
    if on:
        sim.plant.reset_counters()


async def _night(sim: Simulator, on: bool, _: Mapping[str, Any]) -> None:
    sim.plant.set("night", on)


FAULTS: Final[Mapping[str, FaultKind]] = {
    "drop": FaultKind(
        about="connections end and new ones are refused",
        parameters={},
        switch=_drop,
    ),
    "freeze": FaultKind(
        about="readings stand still while the plant goes on",
        parameters={},
        switch=_freeze,
    ),
    "stall": FaultKind(
        about="connected, but no request gets an answer",
        parameters={},
        switch=_stall,
    ),
    "garbage": FaultKind(
        about="answers hold random words, random bytes or a frame of 7 bytes",
        parameters={"kind": "words (default), frame or short_frame"},
        switch=_garbage,
    ),
    "wrong_transaction_id": FaultKind(
        about="answers carry the id of another request",
        parameters={},
        switch=_transaction,
    ),
    "reset": FaultKind(
        about="every request ends in a reset of the connection",
        parameters={},
        switch=_reset,
    ),
    "reboot": FaultKind(
        about="gone for some seconds of the plant's clock, then back, counters kept",
        parameters={"seconds": "how long, default 30"},
        switch=_reboot,
    ),
    "spike": FaultKind(
        about="one absurd word in one input register",
        parameters={
            "register": "address, default a random one",
            "word": "0 to 65535, default 65525",
            "reads": "how many reads see it, default 1",
        },
        switch=_spike,
    ),
    "counter_reset": FaultKind(
        about="lifetime counters fall to 0, once",
        parameters={},
        switch=_counter_reset,
        lasting=False,
    ),
    "night": FaultKind(
        about="the sun goes out, PV power and voltages are 0",
        parameters={},
        switch=_night,
    ),
}
"""Every fault by its name at the control port."""
