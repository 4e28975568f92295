"""Answers in shapes that nobody has recorded yet: read, or refused by name."""

from datetime import UTC, date
from typing import Any

import pytest

from custom_components.instagen.cloud.mirroring import Mirroring
from custom_components.instagen.links.cloud import CloudLink, CloudPlant
from custom_components.instagen.links.cloud.client import CloudClient
from custom_components.instagen.links.cloud.errors import CloudError, Trouble
from custom_components.instagen.links.cloud.transport import decode

from .server import Body, Clock, SmallCloud

PLANT: Body = {"id": 1, "timezone": {"name": "Europe/London"}}


async def test_a_job_that_counts_in_texts(client: CloudClient, cloud: SmallCloud):
    stands: list[dict[str, Any]] = [
        {"code": "2", "rate": "40", "data": []},
        {"code": "0", "rate": "100.0", "data": {"mode": 1}},
    ]
    cloud.answers |= {"read_setting": "77", "setting_status": lambda _: stands.pop(0)}
    heard: list[int] = []
    told = await client.run("read_setting", {}, progress=heard.append)
    assert (told, heard) == ({"mode": 1}, [40, 100])


@pytest.mark.parametrize("code", [[], {}, None, "x"])
async def test_a_job_that_makes_no_sense_has_failed(
    client: CloudClient, cloud: SmallCloud, code: object
):
    cloud.answers |= {"read_setting": "77", "setting_status": {"code": code}}
    with pytest.raises(CloudError) as failure:
        await client.run("read_setting", {})
    assert failure.value.trouble is Trouble.JOB_FAILED


async def test_a_length_with_a_tail(client: CloudClient, cloud: SmallCloud):
    cloud.answers["plants"] = lambda body: {
        "total": "3.0",
        "list": [{"id": 2 * body["page"]}, {"id": 2 * body["page"] + 1}],
    }
    assert len([row async for row in client.rows("plants", size=2)]) == 4


async def test_an_alarm_with_a_list_for_a_word(client: CloudClient, cloud: SmallCloud):
    cloud.answers |= {
        "plant": PLANT,
        "alarm_history": {"list": [{"code": 3, "wd1": [], "wd2": {}, "wd3": "-"}]},
    }
    (alarm,) = await CloudPlant(client, 1).past_alarms(date.min, date.max)
    assert alarm.details == ("[]", "{}")


async def test_a_clock_at_the_end_of_time(
    client: CloudClient, cloud: SmallCloud, clock: Clock
):
    cloud.answers["plant"], cloud.date = PLANT, "Fri, 31 Dec 9999 23:59:59 GMT"
    await client.call("plant")
    clock.seconds += 60
    assert client.transport.now().year < 9000


def mirroring(client: CloudClient) -> Mirroring:
    return Mirroring(
        client, today=lambda: client.transport.now().astimezone(UTC).date()
    )


async def test_a_list_that_is_said_to_be_endless_ends(
    client: CloudClient, cloud: SmallCloud
):
    cloud.answers |= {
        "who_am_i": {"id": 1},
        "plants": lambda body: {
            "total": 10**12,
            "list": [{"id": 1}] if body["page"] == 1 else [],
        },
    }
    it = mirroring(client)
    await it.read_list()
    assert list(it.mirror.view.plants) == [1]
    assert cloud.names().count("plants") < 10


async def test_a_list_that_repeats_itself_ends(client: CloudClient, cloud: SmallCloud):
    cloud.answers |= {
        "who_am_i": {"id": 1},
        "plants": {"total": 10**12, "list": [{"id": 1}]},
    }
    await mirroring(client).read_list()
    assert cloud.names().count("plants") <= 200


@pytest.mark.parametrize("tree", [None, {}, {"list": []}, "", 0])
async def test_no_list_of_devices_is_not_a_plant_without_any(
    client: CloudClient, cloud: SmallCloud, tree: object
):
    """A plant without devices may be deleted (manual 4.2.5)."""
    cloud.answers |= {
        "who_am_i": {"id": 1},
        "plants": {"total": 1, "list": [{"id": 1}]},
        "plant": PLANT,
        "device_tree": tree,
    }
    it = mirroring(client)
    await it.read_list()
    await it.fetch_wanted(lambda: None)
    assert 1 not in it.mirror.view.devices
    assert not it.mirror.outstanding
    with pytest.raises(CloudError):
        await it.read_devices(1)


@pytest.mark.parametrize("raw", [b'"Mill \\ud800"', b'"Mill \xed\xa0\x80"'])
async def test_half_a_letter_is_none(raw: bytes):
    """What holds one cannot be written as UTF-8."""
    told: str = await decode(raw, 3)
    told.encode()
    assert told.startswith("Mill ")
    assert await decode(b'"\\ud83c\\udf1e"', 3) == "\N{SUN WITH FACE}"


async def test_diagnostics_of_a_brand_that_tells_more(
    client: CloudClient, cloud: SmallCloud
):
    cloud.answers |= {
        "plant": PLANT,
        "device_tree": [{"id": 2, "sn": "2003", "type": 6, "model_no": "HIT-15L-G3"}],
        "live_data": {
            "today_eq": "4183.0",
            "data_time": "2026-05-14 12:00:00",
            "station_name": "Secret",
            "latitude": "51.123456",
            "sn": "200300000001",
            "total": "Secret",
            "owner": {"email": "secret@example.com", "phone": "0123"},
            "reflux_station_data": {"flows": [{"in": 2, "out": 4, "name": "Secret"}]},
        },
        "indicators": {},
    }
    link = CloudLink(CloudPlant(client, 1))
    await link.identify()
    told = link.diagnostics()["live"]
    assert told == {
        "today_eq": "4183.0",
        "data_time": "2026-05-14 12:00:00",
        "total": "-",
        "owner": {},
        "reflux_station_data": {"flows": [{"in": 2, "out": 4}]},
    }
