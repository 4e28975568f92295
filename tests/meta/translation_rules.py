"""Rules for translations/en.json."""

from collections.abc import Iterator, Mapping
import re
from string import Formatter
from typing import Any, Final

from homeassistant.helpers import config_validation as cv
import voluptuous as vol

from .shapes import TEXT, TEXTS, Shape, misfits, texts

type Translations = Mapping[str, Any]

_SECTION: Final[Shape] = {
    "name": TEXT,
    "description": TEXT,
    "data": TEXTS,
    "data_description": TEXTS,
}
_STEP: Final[Shape] = {
    "title": TEXT,
    "description": TEXT,
    "data": TEXTS,
    "data_description": TEXTS,
    "menu_options": TEXTS,
    "menu_option_descriptions": TEXTS,
    "sections": {"*": _SECTION},
    "submit": TEXT,
}
_FLOW: Final[Mapping[str, Shape]] = {
    "abort": TEXTS,
    "create_entry": TEXTS,
    "error": TEXTS,
    "flow_title": TEXT,
    "initiate_flow": TEXTS,
    "progress": TEXTS,
    "step": {"*": _STEP},
}
_ENTITY: Final[Shape] = {
    "name": TEXT,
    "state": TEXTS,
    "state_attributes": {"*": {"name": TEXT, "state": TEXTS}},
    "unit_of_measurement": TEXT,
}
_FIELDS: Final[Shape] = {"*": {"name": TEXT, "description": TEXT, "example": TEXT}}
_ACTION: Final[Shape] = {
    "name": TEXT,
    "description": TEXT,
    "fields": _FIELDS,
    "sections": {"*": {"name": TEXT, "description": TEXT}},
}
SHAPE: Final[Shape] = {
    "title": TEXT,
    "common": TEXTS,
    "conditions": {"*": _ACTION},
    "config": _FLOW,
    "config_subentries": {"*": {**_FLOW, "entry_type": TEXT}},
    "device": {"*": {"name": TEXT}},
    "device_automation": {"*": TEXTS},
    "entity": {"*": {"*": _ENTITY}},
    "entity_component": {"*": _ENTITY},
    "exceptions": {"*": {"message": TEXT}},
    "issues": {
        "*": {
            "title": TEXT,
            "short_title": TEXT,
            "description": TEXT,
            "fix_flow": _FLOW,
        }
    },
    "options": _FLOW,
    "selector": {
        "*": {
            "options": TEXTS,
            "fields": {"*": (TEXT, TEXTS)},
            "unit_of_measurement": TEXTS,
        }
    },
    "services": {"*": _ACTION},
    "system_health": {"info": TEXTS},
    "triggers": {"*": _ACTION},
}

_KEY = re.compile(r"[a-z0-9]([a-z0-9_-]*[a-z0-9])?")
_PLACEHOLDER = re.compile(r"[a-z][a-z0-9_]*")
_QUOTED_PLACEHOLDER = re.compile(r"'\{\w+\}'")
_ADDRESS = re.compile(r"(https?://|www\.)[\w-]+\.\w")


def problems(translations: Translations) -> list[str]:
    """Check one language's file."""
    return [
        *misfits(translations, SHAPE),
        *(
            f"{where}: {wrong}"
            for where, text in texts(translations)
            for wrong in _text_problems(text)
        ),
        *(
            problem
            for section in ("device", "entity", "exceptions", "issues", "selector")
            for problem in _key_problems(translations.get(section), section)
        ),
        *_steps_without_data(translations),
        *_issues_without_text(translations),
    ]


def _text_problems(text: str) -> Iterator[str]:
    if text != text.strip():
        yield "blanks at an end"
    try:
        cv.string_with_no_html(text)
    except vol.Invalid:
        yield "contains HTML"
    if _ADDRESS.search(text):
        yield "contains an address; use a placeholder"
    if _QUOTED_PLACEHOLDER.search(text):
        yield "a placeholder in single quotes stays as it is"
    yield from _placeholder_problems(text)


def _placeholder_problems(text: str) -> Iterator[str]:
    try:
        names = [name for _, name, _, _ in Formatter().parse(text) if name is not None]
    except ValueError:
        yield "unbalanced braces"
        return
    for name in names:
        # Plurals and choices have a comma; they are the frontend's own language.
        if "," not in name and not _PLACEHOLDER.fullmatch(name):
            yield f"placeholder {{{name}}} is no name"


def _key_problems(value: object, where: str) -> Iterator[str]:
    if not isinstance(value, Mapping):
        return
    for key, inner in value.items():
        place = f"{where}.{key}"
        if not _KEY.fullmatch(key):
            yield f"{place}: a key is made of a-z, 0-9, - and _"
        yield from _key_problems(inner, place)


def _steps_without_data(value: object, where: str = "") -> Iterator[str]:
    """Find texts that describe a field which does not exist."""
    if not isinstance(value, Mapping):
        return
    for described, named in (
        ("data_description", "data"),
        ("menu_option_descriptions", "menu_options"),
    ):
        for key in value.get(described, {}):
            if key not in value.get(named, {}):
                yield f"{where}.{described}.{key}: not in {named}"
    for key, inner in value.items():
        yield from _steps_without_data(inner, f"{where}.{key}" if where else key)


def _issues_without_text(translations: Translations) -> Iterator[str]:
    for key, issue in translations.get("issues", {}).items():
        if "title" not in issue:
            yield f"issues.{key}: no title"
        if "description" in issue and "fix_flow" in issue:
            yield f"issues.{key}: either a description or a fix_flow"
