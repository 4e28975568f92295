"""Faults that can be switched on and off while the simulator runs."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from custom_components.instagen.simulated.errors import WrongValueError
from custom_components.instagen.simulated.settings import WriteFault, WriteTrouble
from custom_components.instagen.simulated.stick.trouble import GARBAGE

from .modbus.device import Spike

if TYPE_CHECKING:
    from .session import Simulator

_MODBUS_GARBAGE: Final = {"words": "payload", "frame": "bytes", "short_frame": "length"}
"""Ways to garble Modbus answers, and what the stick's own link does then."""

_KINDS: Final[Mapping[str, tuple[str, ...]]] = {
    "garbage": (*_MODBUS_GARBAGE, *GARBAGE),
    "writes": tuple(WriteFault),
}
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
        if value not in _KINDS[name]:
            raise WrongValueError(f"{name}.kind: one of {', '.join(_KINDS[name])}")
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise WrongValueError(f"{name}.{key}: a number")
    low, high = _LIMITS.get((name, key)) or _LIMITS.get(("", key)) or (0, 0xFFFF)
    if not low <= value <= high or (key != "seconds" and value != int(value)):
        raise WrongValueError(f"{name}.{key}: {low} to {high}")
    return float(value) if key == "seconds" else int(value)


_LIMITS: Final = {
    ("", "seconds"): (1, 86_400),
    ("", "reads"): (1, 1000),
    ("", "holding"): (0, 1),
    ("", "code"): (1, 255),
    ("wrong_clock", "seconds"): (-172_800, 172_800),
}


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
        sim.dts.gone = True
        await sim.modbus.leave()
    else:
        sim.dts.gone = False
        await sim.modbus.come_back()
    await sim.dts.settle()


async def _freeze(sim: Simulator, on: bool, _: Mapping[str, Any]) -> None:
    sim.modbus.device.freeze(on=on)
    sim.stick.freeze(on=on)


async def _stall(sim: Simulator, on: bool, _: Mapping[str, Any]) -> None:
    sim.modbus.faults.stall = sim.dts.trouble.stall = on


async def _reset(sim: Simulator, on: bool, _: Mapping[str, Any]) -> None:
    sim.modbus.faults.reset = sim.dts.trouble.reset = on


async def _garbage(sim: Simulator, on: bool, given: Mapping[str, Any]) -> None:
    kind = given.get("kind", "words") if on else None
    sim.modbus.faults.garbage = kind if kind in _MODBUS_GARBAGE else None
    sim.dts.trouble.garbage = _MODBUS_GARBAGE.get(kind, kind) if kind else None


async def _transaction(sim: Simulator, on: bool, _: Mapping[str, Any]) -> None:
    sim.modbus.faults.wrong_transaction_id = on
    sim.dts.trouble.wrong_sequence = on


async def _spike(sim: Simulator, on: bool, given: Mapping[str, Any]) -> None:
    device = sim.modbus.device
    if not on:
        device.spike = None
        return
    register, holding = given.get("register"), bool(given.get("holding", 0))
    if register is None:
        if holding:
            raise WrongValueError("spike: a setting needs its register")
        register = device.random_register(sim.modbus.random)
    word = given.get("word", _SPIKE_WORD)
    device.spike = Spike(register, word, given.get("reads", 1), holding=holding)


async def _counter_reset(sim: Simulator, on: bool, _: Mapping[str, Any]) -> None:
    if on:
        sim.plant.reset_counters()


async def _night(sim: Simulator, on: bool, _: Mapping[str, Any]) -> None:
    sim.plant.set("night", on)


async def _cloud(sim: Simulator, on: bool, _: Mapping[str, Any]) -> None:
    sim.plant.set("cloud", not on)


async def _writes(sim: Simulator, on: bool, given: Mapping[str, Any]) -> None:
    fault = WriteFault(given.get("kind", WriteFault.REFUSED))
    trouble = WriteTrouble(fault, given.get("code", 3))
    sim.plant.write_trouble = trouble if on else None


async def _clock(sim: Simulator, on: bool, given: Mapping[str, Any]) -> None:
    sim.stick.day.offset = given.get("seconds", 3600.0) if on else 0.0
    sim.plant.replan()


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
        about="answers are garbled",
        parameters={
            "kind": "words (default), frame or short_frame; on the stick's own\n"
            + " " * 32
            + "link only: crc, sequence, serial, split,\n"
            + " " * 32
            + "joined, bytes, length, payload, negative"
        },
        switch=_garbage,
    ),
    "wrong_transaction_id": FaultKind(
        about="answers carry the id or sequence of another request",
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
        about="one absurd word in one register",
        parameters={
            "register": "address, default a random one",
            "word": "0 to 65535, default 65525",
            "reads": "how many reads see it, default 1",
            "holding": "1 for a setting's register instead",
        },
        switch=_spike,
    ),
    "writes": FaultKind(
        about="writes of settings go wrong",
        parameters={
            "kind": "refused (default), unheard, unanswered (taken all the\n"
            + " " * 32
            + "same), ignored (a yes, nothing changed) or inert\n"
            + " " * 32
            + "(taken and shown, never obeyed)",
            "code": "the number of a refusal, default 3",
        },
        switch=_writes,
    ),
    "counter_reset": FaultKind(
        about="lifetime counters fall to 0, once",
        parameters={},
        switch=_counter_reset,
        lasting=False,
    ),
    "cloud_starved": FaultKind(
        about="the stick's connection to the vendor's cloud hangs",
        parameters={},
        switch=_cloud,
    ),
    "wrong_clock": FaultKind(
        about="the stick's clock is ahead, so its day begins at another time",
        parameters={"seconds": "by how much, default 3600; less than 0 is behind"},
        switch=_clock,
    ),
    "night": FaultKind(
        about="the sun goes out, PV power and voltages are 0",
        parameters={},
        switch=_night,
    ),
}
"""Every fault by its name at the control port."""
