"""A dry contact in the public client's messages is the same one in ours."""

from typing import Any, Final

from custom_components.instagen.dts_messages import instagen_dts_pb2 as pb
from custom_components.instagen.links.dts.contact import put, values_of
from custom_components.instagen.plant.contact_settings import settings_of
from custom_components.instagen.plant.settings import SettingValues

from ..links.dts.test_contact import LOAD
from .dts_peer import DtsPeer

OURS: Final[SettingValues] = {
    **LOAD,
    "load_contact": False,
    "generator": False,
    "surplus_weekdays_2": "none",
    "surplus_window_2": "none",
    "load_window_4": "none",
}


def packed(*parts: int) -> int:
    return int.from_bytes(parts)


THEIRS: Final[dict[str, Any]] = {
    "mode": 2,
    "sw": 0,
    "load_mode": 2,
    "timi": {
        "wr1": 31,
        "wr1_tr1": packed(22, 0, 5, 59),
        "wr1_tr2": packed(12, 0, 12, 59),
        "wr2": 96,
        "wr2_tr1": packed(8, 0, 8, 59),
        "wr2_tr2": 0,
    },
    "intelligent": {
        "wr1": 127,
        "wr1_tr": packed(9, 0, 16, 59),
        "wr2": 0,
        "wr2_tr": 0,
        "min_runtime": 20,
        "rated_pwr": 1800,
    },
    "protect_soc": 35,
    "breaker_size": 80,
    "ev_chrg_size": 16,
    "genset": {
        "mode": 2,
        "sta_cap": 25,
        "stp_cap": 75,
        "chrg_time": packed(10, 0, 11, 59),
        "quiet_en": 1,
        "quiet_tim1": packed(22, 0, 6, 59),
        "quiet_tim2": packed(13, 0, 13, 59),
    },
}
"""The same, field by field, by the client's own names."""


async def test_a_contact_in_its_messages_is_ours_and_the_reverse(
    dts_peer: DtsPeer,
) -> None:
    contact = pb.DryContact()
    put(contact, {}, OURS)
    message = pb.WorkingMode(relays=[contact]).SerializeToString()
    (told,), written = await dts_peer.contact(message, THEIRS)
    assert _known(told) == THEIRS
    (theirs,) = pb.WorkingMode.FromString(written).relays
    assert values_of(theirs) == OURS
    assert settings_of(values_of(theirs)) == settings_of(OURS)


def _known(told: dict[str, Any]) -> dict[str, Any]:
    """Return what it read, without the exercise that neither side wrote."""
    generator = {
        name: value for name, value in told["genset"].items() if name != "exercise"
    }
    return {**told, "genset": generator}
