"""What every request has: the function it calls, its rules and its body."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from ...links.cloud.functions import FUNCTIONS
from ...plant.evidence import Evidence
from ..codes import Codes
from ..permissions import Right
from ..rules import permit
from ..view import Needs, View

type Body = dict[str, object]
"""A request as JSON will have it."""


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """How the brand at hand wants things said."""

    codes: Codes
    digest: Callable[[str], str]
    """Makes what is sent in place of a password."""


class Request(ABC):
    """Something to ask the cloud for, in the terms of the manual."""

    name: ClassVar[str]
    """Name of the function, as in ``FUNCTIONS``."""

    right: ClassVar[Right]

    @property
    def function(self) -> str:
        """Name of the function to call."""
        return self.name

    @property
    def evidence(self) -> Evidence:
        """How well the function is known."""
        return FUNCTIONS[self.function].evidence

    def needs(self, view: View) -> Needs:
        """Return what is to be fetched before ``check``.

        An answer may show that more is needed, so ask again after each fetch until nothing is
        named that was not fetched.
        """
        return Needs()

    def check(self, view: View) -> None:
        """Raise ``RuleError`` when the manual forbids this to the account in the view."""
        permit(view.kind, self.needed_right)

    @property
    def needed_right(self) -> Right:
        """The right that this takes."""
        return self.right

    @abstractmethod
    def body(self, dialect: Dialect) -> Body:
        """Return what to send."""


def given(**fields: object) -> Body:
    """Return the fields that have a value; None is left out."""
    return {name: value for name, value in fields.items() if value is not None}
