"""The devices of a plant, as the cloud lists them (facts/cloud-api.md 5.3)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final, override

from ...plant.identity import normalize_serial
from .errors import CloudError, Trouble
from .values import listing, mapping, number, whole

_DEEPEST: Final = 10
_LONGEST_TEXT: Final = 64


class DeviceKind(IntEnum):
    """Kinds by their number at the cloud (facts/cloud-api.md section 6)."""

    DTU = 1
    METER = 5
    INVERTER = 6
    BATTERY = 10


@dataclass(frozen=True, kw_only=True)
class Device:
    """One device of a plant."""

    id: int
    serial: str
    """A battery's is made up by the cloud of its inverter's id."""

    kind: int
    """A ``DeviceKind``, or a number that we do not know."""

    model: str = ""
    software: str = ""
    hardware: str = ""
    online: bool | None = None
    capacity: float | None = None
    """Of a battery in kWh; brands that tell none tell 0."""

    @override
    def __repr__(self) -> str:
        return f"Device(kind={self.kind}, model={self.model!r})"

    @property
    def dtu_serial(self) -> str | None:
        """The serial of a DTU in its printed form; None when it is not one."""
        return normalize_serial(self.serial) if self.kind == DeviceKind.DTU else None


def devices_of(tree: object) -> list[Device]:
    """List a device tree, each device after the one it hangs on."""
    if not isinstance(tree, list):
        raise CloudError(Trouble.GARBLED)
    return list(_walk(tree, 0))


def _walk(nodes: object, depth: int) -> Iterator[Device]:
    if depth > _DEEPEST:
        raise CloudError(Trouble.TOO_DEEP)
    for node in listing(nodes):
        device = _device(node)
        if device is not None:
            yield device
        yield from _walk(node.get("children"), depth + 1)


def _device(node: Mapping[str, Any]) -> Device | None:
    number_of, kind = whole(node.get("id")), whole(node.get("type"))
    if number_of is None or kind is None:
        return None
    online = mapping(node.get("warn_data")).get("connect")
    return Device(
        id=number_of,
        serial=_text(node.get("sn")),
        kind=kind,
        model=_text(node.get("model_no")),
        software=_text(node.get("soft_ver")),
        hardware=_text(node.get("hard_ver")),
        online=online if isinstance(online, bool) else None,
        capacity=number(mapping(node.get("extend_data")).get("bms_capacitor")) or None,
    )


def _text(told: object) -> str:
    """Read a text of one line; what is missing is empty."""
    text = str(told)[:_LONGEST_TEXT] if isinstance(told, str | int) else ""
    return "".join(letter for letter in text if letter.isprintable()).strip()
