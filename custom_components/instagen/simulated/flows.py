"""The balance of powers: whole watts, nothing lost, nothing gained.

Every function keeps
``sum(pv) + battery + grid + generator + ac_pv == house + losses``,
battery + on discharge, grid + on import.
"""

from typing import NamedTuple

from .modes import Action, Order


class Converter(NamedTuple):
    """The inverter between the DC side (PV, battery) and the house."""

    rated: int
    standby: int
    loss: int
    """Thousandths of what passes through."""

    def ac(self, dc: int) -> int:
        """Return AC power for a DC power, in W; negative flows into the battery."""
        return dc - self.standby - abs(dc) * self.loss // 1000

    def dc(self, ac: int) -> int:
        """Return the smallest DC power whose AC power is at least ``ac``."""
        through = ac + self.standby
        share = 1000 - self.loss if through > 0 else 1000 + self.loss
        dc = through * 1000 // share
        while self.ac(dc) < ac:
            dc += 1
        while self.ac(dc - 1) >= ac:
            dc -= 1
        return dc


class Sources(NamedTuple):
    """What is on offer and what is asked for, in W."""

    strings: tuple[int, ...]
    ac_pv: int
    house: int
    generator: int = 0
    """Power the generator can give; 0 when it stands still."""


class Flows(NamedTuple):
    """Powers of one moment, in W."""

    strings: tuple[int, ...]
    ac_pv: int
    battery: int
    grid: int
    generator: int
    house: int
    losses: int

    @property
    def inverter(self) -> int:
        """AC power of the inverter; negative when it charges the battery."""
        return sum(self.strings) + self.battery - self.losses


def natural_battery(converter: Converter, sources: Sources) -> int:
    """Return the battery power (+ discharging) that brings the grid to zero."""
    need = sources.house - sources.ac_pv
    return converter.dc(need) - sum(sources.strings)


def on_grid(
    converter: Converter,
    sources: Sources,
    order: Order,
    export_cap: int | None,
    generator: int = 0,
) -> Flows:
    """Balance with the grid; it takes or gives what is left.

    ``export_cap`` is the most that may be exported in W, None for no limit. AC-coupled
    PV cannot be curtailed, so it may pass the cap.
    """
    pv = sum(sources.strings)
    need = sources.house - sources.ac_pv - generator
    battery = _drive(order, converter.dc(need) - pv)
    battery = max(battery, min(0, converter.dc(-converter.rated) - pv))
    most = converter.rated
    if export_cap is not None:
        most = min(most, need + export_cap)
    pv, battery = _hold_back(pv, battery, converter.dc(most + 1) - 1)
    ac = converter.ac(pv + battery)
    return Flows(
        strings=curtail(sources.strings, pv),
        ac_pv=sources.ac_pv,
        battery=battery,
        grid=need - ac,
        generator=generator,
        house=sources.house,
        losses=pv + battery - ac,
    )


def generator_share(converter: Converter, sources: Sources, charge: int) -> int:
    """Return the power of the generator that charging the battery by it takes."""
    pv = sum(sources.strings)
    return min(sources.generator, converter.ac(pv) - converter.ac(pv - charge))


def _drive(order: Order, natural: int) -> int:
    match order.action:
        case Action.CHARGE:
            return -order.charge
        case Action.DISCHARGE:
            return order.discharge
        case Action.FOLLOW:
            return max(-order.charge, min(order.discharge, natural))
    return 0


def _hold_back(pv: int, battery: int, most: int) -> tuple[int, int]:
    """Lower the DC side to at most ``most`` W: the battery gives way before the sun."""
    if battery > 0:
        battery = max(0, min(battery, most - pv))
    return max(0, min(pv, most - battery)), battery


def off_grid(
    converter: Converter, sources: Sources, charge: int, discharge: int
) -> Flows | None:
    """Balance without the grid, or None when the loads are too much.

    The sun comes first, then the generator, which also charges the battery, then the
    battery. What the battery cannot take is curtailed, AC-coupled PV last.
    """
    pv = sum(sources.strings)
    need = sources.house - sources.ac_pv
    lowest = converter.ac(max(pv - charge, converter.dc(-converter.rated)))
    generator = max(0, min(sources.generator, need - lowest))
    wanted = converter.dc(need - generator)
    battery = max(wanted - pv, -charge)
    if battery > discharge or need - generator > converter.rated:
        return None
    pv = max(0, min(pv, wanted - battery))
    ac = converter.ac(pv + battery)
    ac_pv = max(0, min(sources.ac_pv, sources.house - generator - ac))
    return Flows(
        strings=curtail(sources.strings, pv),
        ac_pv=ac_pv,
        battery=battery,
        grid=0,
        generator=generator,
        house=sources.house,
        losses=pv + battery + generator + ac_pv - sources.house,
    )


def dark(converter: Converter, sources: Sources, charge: int) -> Flows:
    """Return the powers while the output is off: what sun there is is stored."""
    pv = sum(sources.strings)
    battery = -min(charge, max(0, pv - converter.standby))
    pv = converter.standby - battery if battery else 0
    return Flows(
        strings=curtail(sources.strings, pv),
        ac_pv=0,
        battery=battery,
        grid=0,
        generator=0,
        house=0,
        losses=pv + battery,
    )


def stopped(sources: Sources, *, grid: bool) -> Flows:
    """Return the powers with the inverter off: the grid, if any, carries the house."""
    house, ac_pv = (sources.house, sources.ac_pv) if grid else (0, 0)
    return Flows(
        strings=(0,) * len(sources.strings),
        ac_pv=ac_pv,
        battery=0,
        grid=house - ac_pv,
        generator=0,
        house=house,
        losses=0,
    )


def curtail(strings: tuple[int, ...], total: int) -> tuple[int, ...]:
    """Lower the strings in proportion so that they sum to ``total``."""
    available = sum(strings)
    if total >= available:
        return strings
    kept = []
    offered = given = 0
    for power in strings:
        offered += power
        upto = offered * total // available
        kept.append(upto - given)
        given = upto
    return tuple(kept)
