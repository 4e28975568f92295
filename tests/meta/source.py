"""What the integration's Python asks its translations for."""

import ast
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Any

from . import python_files

type Translations = Mapping[str, Any]

CORE_TEXTS = frozenset({"reauth_successful", "reconfigure_successful"})
"""Reasons whose texts core brings itself, if we have none."""

CORE_REASONS = CORE_TEXTS | {"already_configured", "already_in_progress"}
"""Reasons for which core itself ends a flow."""


class Source:
    """The keys that Python code names, read without running it."""

    def __init__(self, modules: Iterable[str]) -> None:
        """Take the modules' texts."""
        self._trees = [ast.parse(text) for text in modules]

    @cached_property
    def _nodes(self) -> list[ast.AST]:
        return [node for tree in self._trees for node in ast.walk(tree)]

    @cached_property
    def _constants(self) -> frozenset[str]:
        return frozenset(
            node.value
            for node in self._nodes
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        )

    def arguments(self, name: str) -> Iterator[str]:
        """Walk through the texts that are given to one keyword argument."""
        for node in self._nodes:
            if not isinstance(node, ast.Call) or _is_progress(node):
                continue
            for keyword in node.keywords:
                if keyword.arg == name:
                    inner = keyword.value
                    items = inner.elts if isinstance(inner, ast.List) else [inner]
                    yield from filter(None, map(_text, items))

    def errors(self) -> Iterator[str]:
        """Walk through what is put into a flow's dictionary of errors."""
        for node in self._nodes:
            match node:
                case ast.Assign(
                    targets=[ast.Subscript(value=ast.Name(id="errors"))], value=value
                ) if text := _text(value):
                    yield text

    def names(self, text: str) -> bool:
        """Tell whether a text is written somewhere as it is."""
        return text in self._constants

    def _uses(self, key: str) -> bool:
        """Tell whether a key is written somewhere, or formatted into being."""
        return self.names(key) or any(
            fnmatchcase(key, pattern) for pattern in self.arguments("translation_key")
        )

    def missing_texts(self, translations: Translations) -> list[str]:
        """Name what the code asks for and the translations do not have."""
        config = _flows(translations)
        wanted = {
            "translation_key": _translation_keys(translations),
            "reason": {*_inside(config, "abort"), *CORE_TEXTS},
            "step_id": set(_inside(config, "step")),
            "menu_options": {
                option
                for flow in config
                for step in flow.get("step", {}).values()
                for option in step.get("menu_options", {})
            },
        }
        missing = [
            f"{argument}: {key}"
            for argument, known in wanted.items()
            for key in self.arguments(argument)
            if not any(fnmatchcase(one, key) for one in known)
        ]
        errors = set(_inside(config, "error"))
        missing += [f"error: {key}" for key in self.errors() if key not in errors]
        return sorted(set(missing))

    def unused_texts(self, translations: Translations) -> list[str]:
        """Name what is translated although no code speaks of it."""
        return sorted(
            place
            for place, key in _named_places(translations)
            if not self._uses(key) and key not in CORE_REASONS
        )


def our_source() -> Source:
    """Read the integration."""
    return Source(path.read_text(encoding="utf-8") for path in python_files())


def _is_progress(call: ast.Call) -> bool:
    """Tell whether a call shows progress; such a step has no text of its own."""
    return isinstance(call.func, ast.Attribute) and call.func.attr in {
        "async_show_progress",
        "async_show_progress_done",
    }


def _text(node: ast.AST) -> str | None:
    """Return a string constant, or the pattern of a formatted string."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(_text(part) or "*" for part in parts)
    return None


def _flows(translations: Translations) -> list[Mapping[str, Any]]:
    return [
        translations.get("config", {}),
        translations.get("options", {}),
        *translations.get("config_subentries", {}).values(),
        *(
            issue.get("fix_flow", {})
            for issue in translations.get("issues", {}).values()
        ),
    ]


def _inside(flows: Iterable[Mapping[str, Any]], section: str) -> Iterator[str]:
    for flow in flows:
        yield from flow.get(section, {})


def _translation_keys(translations: Translations) -> set[str]:
    sections = ("exceptions", "issues", "device", "selector")
    keys = {key for section in sections for key in translations.get(section, {})}
    for platform in translations.get("entity", {}).values():
        keys.update(platform)
    return keys


def _named_places(translations: Translations) -> Iterator[tuple[str, str]]:
    """Walk through the keys that some code has to name, with their places.

    Entities and devices are left to a test that sets the integration up: their keys
    come from tables.
    """
    for section in ("exceptions", "issues", "selector"):
        for key in translations.get(section, {}):
            yield f"{section}.{key}", key
    for flow_name in ("config", "options"):
        flow = translations.get(flow_name, {})
        for section in ("abort", "error", "progress", "step"):
            for key in flow.get(section, {}):
                yield f"{flow_name}.{section}.{key}", key
