"""What the public client writes is shown, and what we write it reads, in the whole house."""

import pytest

from custom_components.instagen.links.dts.tariff import tariff_of
from custom_components.instagen.simulated.stick.dates import dates_of
from tests.steering.conftest import clock, world
from tests.steering.world import World
from tests.tariff.tables import GO, LINKS

from .dts_peer import DtsPeer

__all__ = ["clock", "world"]

_DAY = "17:00-19:59-0.4-0.2,00:30-05:29-0.1-0.2,00:00-00:00-0.3-0.2"
ORDER = f"01.01-31.12:1,2,3,4,5={_DAY};6,7={_DAY}"


@pytest.mark.parametrize("world", ["mode_read"], indirect=True)
@pytest.mark.parametrize("links", [LINKS["dts"], LINKS["both"]], ids=["dts", "both"])
async def test_a_table_behind_our_back_is_shown_within_a_slow_poll(
    world: World, dts_peer: DtsPeer, links: list[str]
) -> None:
    await world.set_up(links)
    await world.act("set_tariff", tariff=GO)
    await world.choose("economical")
    assert (await world.act("get_tariff"))["source"] == "set_here"
    await dts_peer.command(
        world.sim.dts_port,
        *("--inverter-serial-number", str(world.sim.stick.inverters[0].serial)),
        *("--bms_working_mode", "2", "--rev-soc", "35", "--time-settings", ORDER),
        "set-energy-storage-working-mode",
    )
    await world.poll()
    told = await world.act("get_tariff")
    assert (told["source"], told["confirmed"]) == ("inverter", True)
    assert told["tariff"]["reserve"] == 35
    (season,) = told["tariff"]["seasons"]
    assert season["group_a"]["peak"] == {
        "start": "17:00",
        "end": "20:00",
        "buy": 0.4,
        "sell": 0.2,
    }
    shown = tariff_of(dates_of(world.sim.plant.programs.tariff))
    assert world.entry.runtime_data.tariff.tariff.seasons == shown.seasons
