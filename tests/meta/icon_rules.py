"""Rules for icons.json."""

from collections.abc import Iterator, Mapping
import re
from typing import Any, Final

from .shapes import TEXT, TEXTS, Shape, misfits, texts

type Icons = Mapping[str, Any]

_ENTITY: Final[Shape] = {
    "default": TEXT,
    "state": TEXTS,
    "range": TEXTS,
    "state_attributes": {"*": {"default": TEXT, "state": TEXTS}},
}
SHAPE: Final[Shape] = {
    "entity": {"*": {"*": _ENTITY}},
    "services": {"*": {"service": TEXT, "sections": TEXTS}},
    "triggers": {"*": {"trigger": TEXT}},
    "conditions": {"*": {"condition": TEXT}},
}

_ICON = re.compile(r"mdi:[a-z0-9-]+")


def problems(icons: Icons) -> list[str]:
    """Check the file."""
    return [
        *misfits(icons, SHAPE),
        *(
            f"{where}: {text} is no mdi: icon"
            for where, text in texts(icons)
            if not _ICON.fullmatch(text)
        ),
    ]


def strict_problems(icons: Icons) -> list[str]:
    """Check the file as newcomers are checked; 51 older files of core would not pass."""
    return [*problems(icons), *_pointless_states(icons)]


def _pointless_states(icons: Icons) -> Iterator[str]:
    for platform, entities in icons.get("entity", {}).items():
        for key, entity in entities.items():
            where = f"entity.{platform}.{key}"
            if "default" not in entity and {"state", "range"} & entity.keys():
                yield f"{where}: states without a default"
            for state, icon in entity.get("state", {}).items():
                if icon == entity.get("default"):
                    yield f"{where}.state.{state}: equal to the default"
