"""What can go wrong between us and the cloud, each thing with its own name."""

from collections.abc import Mapping
from enum import StrEnum, auto
from typing import Final

from .. import LinkError, Verdict


class Trouble(StrEnum):
    """Why the cloud did not do what was asked; ``cloud_<value>`` translates it."""

    # ---- who we are ----
    WRONG_PASSWORD = auto()
    """Account or password; the cloud does not tell which. Never tried again."""

    PASSWORD_EXPIRED = auto()
    LOCKED_OUT = auto()
    """Too many failures today; nothing is tried for 12 hours."""

    TOO_MANY_LOGINS = auto()
    """Logins in too quick a succession; nothing is tried for 10 minutes."""

    TOKEN_REFUSED = auto()
    """A token that was renewed a moment ago."""

    NO_PERMISSION = auto()
    WRONG_ACCOUNT_KIND = auto()
    """The account may only be used in a certain app."""

    OUTDATED_LOGIN = auto()
    """The cloud wants another way of logging in than the brand's row knows."""

    # ---- the way there ----
    UNREACHABLE = auto()
    TIMEOUT = auto()
    SERVER_ERROR = auto()
    REDIRECTED = auto()
    GARBLED = auto()
    TOO_LARGE = auto()
    TOO_DEEP = auto()

    # ---- what it says ----
    THROTTLED = auto()
    """Asked too often: refused with 429, or answered with nothing."""

    BUSY = auto()
    """The plant is at work on something else."""

    NOT_SUPPORTED = auto()
    REFUSED = auto()
    """Refused for a reason that only the cloud's own message tells."""

    JOB_FAILED = auto()
    JOB_TIMEOUT = auto()
    NOT_APPLIED = auto()
    """Reported as done, and reading back shows that it was not."""

    STALE = auto()
    """The plant has not uploaded anything for too long."""

    NEEDS_OPT_IN = auto()
    """A write that nobody has proven, on a real brand."""

    UNKNOWN_FUNCTION = auto()
    """Offered nowhere but at the reference cloud."""


class CloudError(Exception):
    """The cloud did not do what was asked; ``trouble`` says why."""

    def __init__(
        self,
        trouble: Trouble,
        *,
        status: str | None = None,
        message: str = "",
        retry_after: float | None = None,
    ) -> None:
        """Remember the trouble; ``message`` is the cloud's own, in its own language.

        ``retry_after`` is in seconds: nothing is sent before.
        """
        super().__init__(trouble.value)
        self.trouble = trouble
        self.status = status
        self.message = message[:_LONGEST_MESSAGE]
        self.retry_after = retry_after

    @property
    def placeholders(self) -> Mapping[str, str]:
        """What a translation may show besides its own words."""
        return {
            "message": self.message or self.status or "-",
            "minutes": str(max(1, round((self.retry_after or 0) / 60))),
        }


_LONGEST_MESSAGE: Final = 200

TRANSIENT: Final = frozenset(
    {
        Trouble.UNREACHABLE,
        Trouble.TIMEOUT,
        Trouble.SERVER_ERROR,
        Trouble.GARBLED,
        Trouble.THROTTLED,
    }
)
"""What may be gone a moment later, so that a read is worth another try."""

AWAY: Final = frozenset({Trouble.UNREACHABLE, Trouble.TIMEOUT, Trouble.SERVER_ERROR})
"""What a cloud that is not there comes to, whatever it is asked."""

ACCOUNT: Final = frozenset(
    {
        Trouble.WRONG_PASSWORD,
        Trouble.PASSWORD_EXPIRED,
        Trouble.WRONG_ACCOUNT_KIND,
        Trouble.OUTDATED_LOGIN,
    }
)
"""What only somebody with the account can put right."""

_VERDICTS: Final[Mapping[Trouble, Verdict]] = {
    Trouble.UNREACHABLE: Verdict.HOST_DOWN,
    Trouble.TIMEOUT: Verdict.NO_ANSWER,
    Trouble.STALE: Verdict.STALE,
    **dict.fromkeys(ACCOUNT, Verdict.ACCESS_DENIED),
    Trouble.LOCKED_OUT: Verdict.ACCESS_DENIED,
    Trouble.TOO_MANY_LOGINS: Verdict.ACCESS_DENIED,
    Trouble.TOKEN_REFUSED: Verdict.ACCESS_DENIED,
    Trouble.NO_PERMISSION: Verdict.ACCESS_DENIED,
}


class CloudLinkError(LinkError):
    """A plant could not be read over the cloud: a verdict for all links, and why exactly."""

    def __init__(self, error: CloudError) -> None:
        """Classify a failure in the words that all links share; keep its own."""
        super().__init__(_VERDICTS.get(error.trouble, Verdict.BUSY))
        self.trouble = error.trouble
        self.placeholders = error.placeholders


# ---- what an envelope says (facts/cloud-api.md 2.4) ----

_MESSAGES: Final = (
    ("app version is low", Trouble.OUTDATED_LOGIN),
    ("can only be used for logging in", Trouble.WRONG_ACCOUNT_KIND),
    ("only be used for logging in to", Trouble.WRONG_ACCOUNT_KIND),
    ("login times limited", Trouble.TOO_MANY_LOGINS),
    ("exceeds the daily maximum limit", Trouble.LOCKED_OUT),
    ("no permission", Trouble.NO_PERMISSION),
    ("pending", Trouble.BUSY),
    ("not supported", Trouble.NOT_SUPPORTED),
    ("token", Trouble.TOKEN_REFUSED),
)
"""Parts of a message, as loosely as the cloud words them."""

_STATUSES: Final[Mapping[str, Trouble]] = {
    "3": Trouble.NO_PERMISSION,
    "7": Trouble.WRONG_PASSWORD,
    "100": Trouble.TOKEN_REFUSED,
}

_HTTP: Final[Mapping[int, Trouble]] = {
    401: Trouble.TOKEN_REFUSED,
    403: Trouble.NO_PERMISSION,
    404: Trouble.NOT_SUPPORTED,
    405: Trouble.NOT_SUPPORTED,
    413: Trouble.TOO_LARGE,
    429: Trouble.THROTTLED,
}


def refusal(status: str, message: str) -> CloudError:
    """Name what an envelope says that is not a success."""
    text = message.casefold()
    trouble = next((found for part, found in _MESSAGES if part in text), None)
    if status == "100":
        trouble = Trouble.TOKEN_REFUSED
    return CloudError(
        trouble or _STATUSES.get(status, Trouble.REFUSED),
        status=status,
        message=message,
    )


def http_trouble(status: int) -> CloudError | None:
    """Name what an HTTP status says; None when the body has the word."""
    if 300 <= status < 400:
        return CloudError(Trouble.REDIRECTED, status=str(status))
    if (trouble := _HTTP.get(status)) is not None:
        return CloudError(trouble, status=str(status))
    if status >= 500:
        return CloudError(Trouble.SERVER_ERROR, status=str(status))
    return None
