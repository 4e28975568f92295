"""translations/en.json is well formed, complete, and holds nothing that nobody uses."""

from copy import deepcopy
from typing import Any

import pytest

from . import INTEGRATION, core_files, load_json
from .source import Source, our_source
from .translation_rules import SHAPE, problems

GOOD: dict[str, Any] = {
    "config": {
        "error": {"cannot_connect": "No answer from {host}."},
        "step": {
            "user": {
                "data": {"host": "Host"},
                "data_description": {"host": "Where it listens."},
            }
        },
    },
    "issues": {"stale": {"title": "Stale", "description": "Nothing new of {plant}."}},
}


@pytest.fixture(scope="module")
def translations() -> dict[str, Any]:
    return load_json(INTEGRATION / "translations" / "en.json")


@pytest.fixture(scope="module")
def source() -> Source:
    return our_source()


def test_ours_are_well_formed(translations: dict[str, Any]) -> None:
    assert problems(translations) == []


def test_the_rules_hold_for_core() -> None:
    """Sections that only core may have are left out."""
    files = core_files("translations/en.json")
    assert len(files) > 1000
    found = {}
    for domain, data in files.items():
        ours = {key: value for key, value in data.items() if key in SHAPE}
        if wrong := problems(ours):
            found[domain] = wrong
    assert found == {}


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        ("surprise", {}, "surprise: unknown key"),
        ("config.step.user.title", "", "config.step.user.title: expected a text"),
        ("config.step.user.help", "x", "config.step.user.help: unknown key"),
        ("config.error.cannot_connect", " x", "blanks at an end"),
        ("config.error.cannot_connect", "<b>x</b>", "contains HTML"),
        ("config.error.cannot_connect", "See https://x.yz", "contains an address"),
        ("config.error.cannot_connect", "From '{host}'", "in single quotes"),
        ("config.error.cannot_connect", "From {Host}", "{Host} is no name"),
        ("config.error.cannot_connect", "From {host", "unbalanced braces"),
        ("issues._broken", {"title": "x"}, "issues._broken: a key is made of"),
        ("issues.Broken", {"title": "x"}, "issues.Broken: a key is made of"),
        (
            "config.step.user.data_description.port",
            "x",
            "config.step.user.data_description.port: not in data",
        ),
        ("issues.stale.fix_flow", {"abort": {"a": "b"}}, "either a description or"),
        ("issues.other", {"description": "x"}, "issues.other: no title"),
    ],
)
def test_a_mistake_is_found(path: str, value: object, problem: str) -> None:
    assert problems(GOOD) == []
    bad = deepcopy(GOOD)
    *parents, last = path.split(".")
    place = bad
    for name in parents:
        place = place.setdefault(name, {})
    place[last] = value
    assert problem in "\n".join(problems(bad))


# ---- what the code asks for, and what is there ----


def test_everything_asked_for_is_there(
    translations: dict[str, Any], source: Source
) -> None:
    assert source.missing_texts(translations) == []


def test_everything_there_is_asked_for(
    translations: dict[str, Any], source: Source
) -> None:
    assert source.unused_texts(translations) == []


@pytest.mark.parametrize(
    ("code", "missing"),
    [
        ("raise Oops(translation_domain=DOMAIN, translation_key='gone')", "gone"),
        ("raise Oops(translation_key=f'link_{verdict}')", "link_*"),
        ("flow.async_abort(reason='lost')", "lost"),
        ("flow.async_show_form(step_id='second')", "second"),
        ("flow.async_show_menu(step_id='user', menu_options=['left'])", "left"),
        ("errors['base'] = 'refused'", "refused"),
    ],
)
def test_a_missing_text_is_found(code: str, missing: str) -> None:
    assert missing in "\n".join(Source([code]).missing_texts(GOOD))


@pytest.mark.parametrize(
    ("code", "unused"),
    [
        ("x = 'stale'; y = 'user'; z = 'host'", "config.error.cannot_connect"),
        ("x = 'cannot_connect'; y = 'user'; z = 'host'", "issues.stale"),
    ],
)
def test_an_unused_text_is_found(code: str, unused: str) -> None:
    assert Source([code]).unused_texts(GOOD) == [unused]
