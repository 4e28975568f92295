"""Who answers on TCP 10081, and what is fitted to it."""

from typing import Final

from ...dts_messages import instagen_dts_pb2 as pb
from ...plant.identity import Feature, PlantIdentity
from ...plant.readings import STRINGS
from .plant import PlantData, inverters_of, phase_of

_LIVE_VOLTAGE: Final = 10
"""Raw, 1 V: more than an open input shows at night."""

_MAINS_VOLTAGE: Final = 500
"""Raw, 50 V."""

_GENERATOR_PORT: Final = 1
"""Use of the GEN port, as Modbus 303 lists it: inferred."""

_LONGEST_TEXT: Final = 64
_NO_SERIAL: Final = frozenset({b"", b"0"})


def serial_text(serial: int) -> str:
    """Print a serial as on the label: its digits are hexadecimal on the wire."""
    return f"{serial:012X}"


def version_text(prefix: str, number: int) -> str:
    """Print a version number, e.g. 4105 as V01.00.09."""
    return f"{prefix}{number // 4096:02}.{number // 256 % 16:02}.{number % 256:02}"


def identity_of(gateway: pb.GatewayInformationAnswer, data: PlantData) -> PlantIdentity:
    """Put together what gateway information, registry and storage data tell."""
    inverters = inverters_of(data.registry)
    return PlantIdentity(
        model=_text(inverters[0].model_name) or None,
        serial=serial_text(gateway.serial),
        features=features_of(data),
        firmware=_firmware(gateway, inverters[0]),
        inverters=len(inverters),
    )


def _text(told: bytes) -> str:
    """Read a text; one that is no text leaves out what cannot be read."""
    text = told[:_LONGEST_TEXT].partition(b"\0")[0].decode("utf-8", "ignore")
    return "".join(letter for letter in text if letter.isprintable()).strip()


def _firmware(
    gateway: pb.GatewayInformationAnswer, inverter: pb.Inverter
) -> dict[str, str]:
    found = {
        "main": _text(inverter.main_version),
        "slave": _text(inverter.slave_version),
        "system": _text(inverter.system_version),
        "battery": _text(inverter.battery_software_version),
    }
    for stick in gateway.gateways[:1]:
        found["stick"] = version_text("V", stick.software)
        found["stick_hardware"] = version_text("H", stick.hardware)
        found["wifi"] = _text(stick.wifi_version)
    return {part: version for part, version in found.items() if version}


def features_of(data: PlantData) -> frozenset[Feature]:
    """Tell which parts are fitted: by live values, and at night by their counters."""
    found = {
        Feature.PHASE_2: _has_phase(data, 2),
        Feature.PHASE_3: _has_phase(data, 3),
        Feature.BATTERY: any(one.soc or one.voltage for one in data.batteries),
        Feature.GRID_METER: data.registry.meter.serial not in _NO_SERIAL
        or data.grid is not None,
        Feature.GENERATOR: data.registry.generator_port_mode == _GENERATOR_PORT
        or any(
            phase.voltage > _MAINS_VOLTAGE or phase.energy_today > 0
            for one in data.answers
            for phase in one.generator.phases
        ),
        Feature.AC_PV: data.registry.meter.pv_serial not in _NO_SERIAL
        or any(
            phase.energy_today > 0
            for phase in (data.ac_pv.phases if data.ac_pv is not None else ())
        ),
    }
    strings = data.strings
    for number, feature in enumerate(STRINGS, 1):
        one = strings.get(number)
        found[feature] = one is not None and (
            one.voltage > _LIVE_VOLTAGE or one.energy_today > 0
        )
    return frozenset(feature for feature, fitted in found.items() if fitted)


def _has_phase(data: PlantData, number: int) -> bool:
    grid = data.grid
    metered = phase_of(grid.phases, number) if grid is not None else None
    inverter = phase_of(data.master.inverter.phases, number)
    return any(
        phase is not None and phase.voltage > _MAINS_VOLTAGE
        for phase in (metered, inverter)
    )
