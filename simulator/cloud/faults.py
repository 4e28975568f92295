"""Faults of the cloud that can be switched on and off (compare simulator/faults.py)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from custom_components.instagen.simulated.errors import WrongValueError

if TYPE_CHECKING:
    from .world import World


@dataclass(frozen=True, kw_only=True)
class CloudFault:
    """A fault: what a newcomer reads about it, and what it takes."""

    about: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    lasting: bool = True


_WHERE: Final = {
    "function": "key of docs/cloud.md; default every function",
    "times": "how many answers, default all until it is switched off",
}

CLOUD_FAULTS: Final[Mapping[str, CloudFault]] = {
    "token_expired": CloudFault(
        about="every token is too old from now on, once",
        parameters={"face": "100 (default), or 1 for status 1 and a text"},
        lasting=False,
    ),
    "bad_gateway": CloudFault(about="HTTP 502 with an HTML page", parameters=_WHERE),
    "too_many_requests": CloudFault(about="HTTP 429", parameters=_WHERE),
    "half_json": CloudFault(about="the answer ends in the middle", parameters=_WHERE),
    "huge": CloudFault(
        about="an answer without an end in sight, sent in pieces",
        parameters={**_WHERE, "megabytes": "default 200"},
    ),
    "redirect": CloudFault(
        about="HTTP 302 to another host",
        parameters={**_WHERE, "to": "address, default http://127.0.0.1:1/"},
    ),
    "wrong_type": CloudFault(
        about="an HTML page with HTTP 200, as from a guest network", parameters=_WHERE
    ),
    "wrong_label": CloudFault(
        about="JSON that calls itself text/html", parameters=_WHERE
    ),
    "gone": CloudFault(about="connections end without an answer", parameters=_WHERE),
    "stall": CloudFault(about="connected, but no answer comes", parameters=_WHERE),
    "empty": CloudFault(about="data is null", parameters=_WHERE),
    "duplicates": CloudFault(about="each row of a list comes twice", parameters=_WHERE),
    "latency": CloudFault(
        about="answers take their time", parameters={"seconds": "default 0.02"}
    ),
    "clock_skew": CloudFault(
        about="the cloud's clock is wrong",
        parameters={"seconds": "by how much, default 3600"},
    ),
    "endless_job": CloudFault(about="jobs never end, and do nothing"),
    "failing_job": CloudFault(
        about="jobs end with an error of the device",
        parameters={"code": "of command_error, default 03255"},
    ),
    "no_effect": CloudFault(about="writes succeed and change nothing"),
}
"""Every fault by its name."""


class Faults:
    """The faults that act now."""

    def __init__(self, world: World) -> None:
        """Take the world that some of them change."""
        self._world = world
        self.active: dict[str, dict[str, Any]] = {}

    def switch(self, name: str, *, on: bool = True, **parameters: Any) -> None:
        """Switch a fault.

        Raises:
            ValueError: when there is no such fault or it does not take a parameter.
        """
        kind = CLOUD_FAULTS.get(name)
        if kind is None:
            raise WrongValueError(f"{name!r} is none of {', '.join(CLOUD_FAULTS)}")
        if wrong := parameters.keys() - kind.parameters.keys():
            raise WrongValueError(f"{name}: no parameter {', '.join(sorted(wrong))}")
        if on and kind.lasting:
            self.active[name] = dict(parameters)
        else:
            self.active.pop(name, None)
        self._apply(name, parameters, on=on)

    def _apply(self, name: str, given: Mapping[str, Any], *, on: bool) -> None:
        world, trouble = self._world, self._world.jobs.trouble
        match name:
            case "token_expired":
                world.log_in.expiry_face = str(given.get("face", "100"))
                world.log_in.expire_all()
            case "clock_skew":
                world.clock.skew = float(given.get("seconds", 3600)) if on else 0.0
            case "endless_job":
                trouble.endless = on
            case "failing_job":
                trouble.error = str(given.get("code", "03255")) if on else ""
            case "no_effect":
                trouble.no_effect = on

    def take(self, name: str, function: str) -> dict[str, Any] | None:
        """Return the parameters of a fault that acts on a function; count it down."""
        given = self.active.get(name)
        if given is None or given.get("function", function) != function:
            return None
        if "times" in given:
            given["times"] -= 1
            if given["times"] <= 0:
                del self.active[name]
        return given

    def acts(self, name: str, function: str) -> bool:
        """Tell whether a fault acts on a function; count it down."""
        return self.take(name, function) is not None
