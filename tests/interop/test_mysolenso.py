"""A public client of a white label's gateway meets the reference cloud.

Its author knows the dialect from another brand's server, so what it understands here
is what is proven of the gateway form; it writes nothing.
"""

from typing import Any

import pytest

import simulator
from simulator.cloud import HOME, PASSWORDS, serve_cloud
from simulator.cloud.passwords import digest_of

from .cloud_peer import CloudPeer

USER = "demo-owner"
DIGEST = digest_of(PASSWORDS[USER])


@pytest.fixture(autouse=True)
def _our_integration() -> None:
    """Leave Home Assistant out, which the fixture of this name would start."""


async def test_the_client_logs_in_lists_plants_and_reads_them(
    cloud_peer: CloudPeer, socket_enabled: None
):
    """Its own days are those of this machine's clock, so the day asked for is past."""
    async with (
        simulator.serve(modbus=None) as sim,
        serve_cloud("home", plant=sim, brand="solenso") as cloud,
    ):
        sim.set({"sun": 0.5, "load": 1500})
        await sim.advance(4 * 3600)
        told = await cloud_peer.read(cloud.port, USER, DIGEST, "2026-06-15")
        state: dict[str, Any] = dict(sim.state())
        asked = cloud.requests
    assert told["me"]["user_name"] == USER
    assert told["me"]["role_ids"] == [90]
    assert [plant["id"] for plant in told["stations"]] == [HOME]
    assert told["detail"]["timezone"]["name"] == "Europe/London"
    assert float(told["live"]["real_power"]) == state["pv_power"]
    curve = told["curve"]
    assert curve["date"] == "2026-06-15"
    assert len(curve["values"]) == 49
    assert curve["values"]["16:00"] == pytest.approx(-state["grid_power"])
    assert told["days"]["2026-06-15"] == pytest.approx(
        state["pv_energy_today"] * 1000, abs=1
    )
    assert float(told["totals"][0]) == pytest.approx(state["pv_energy_today"], abs=0.01)
    rows = {row["date"]: row for row in told["report"]["data_list"]}
    assert float(rows["16:00"]["pv_power"]) == state["pv_power"]
    assert told["place"]["latitude"] == "51.5"
    assert told["counts"]["inv_num"] == 1
    assert told["tree"]["sn"] == sim.plant.config.serial
    assert asked["login_v0"] == 1


async def test_a_wrong_password_is_told_by_the_client(
    cloud_peer: CloudPeer, socket_enabled: None
):
    async with serve_cloud("home", brand="solenso") as cloud:
        with pytest.raises(AssertionError, match="MySolensoAuthenticationException"):
            await cloud_peer.read(cloud.port, USER, digest_of("wrong"), "2026-06-15")
        assert cloud.requests == {"login_v0": 1}
