"""What can go wrong between us and a stick, and what it says about the plant."""

from collections.abc import Iterator
import errno
import socket

from .. import Verdict

_UNREACHABLE = frozenset(
    {errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EHOSTDOWN, errno.ETIMEDOUT}
)


class DtsError(Exception):
    """The family: nothing else leaves the link, whatever a stick sends."""


class FrameError(DtsError):
    """Bytes that are no frame."""


class BadLengthError(FrameError):
    """A header whose length no frame has."""


class BadCrcError(FrameError):
    """A payload that changed on its way."""


class WrongAnswerError(DtsError):
    """A whole frame that does not answer the question, or cannot be read."""


class NoAnswerError(DtsError):
    """Silence for as long as we wait."""


class ConnectionFailedError(DtsError):
    """No connection could be made, or none again so soon."""


class ConnectionLostError(DtsError):
    """The stick closed the connection, or we did."""


class NotSupportedError(DtsError):
    """Silence on one command of a stick that answers others before and after."""


class EncryptedError(DtsError):
    """The stick wants encrypted messages, and nobody knows how."""


def verdict_of(error: DtsError) -> Verdict:
    """Classify a failed request."""
    match error:
        case EncryptedError():
            return Verdict.ENCRYPTED
        case ConnectionFailedError():
            return _verdict_of_socket(error)
        case NoAnswerError() | NotSupportedError():
            return Verdict.NO_ANSWER
        case _:
            return Verdict.BUSY


def _verdict_of_socket(error: DtsError) -> Verdict:
    """Read what the operating system said about the connection."""
    for cause in _causes(error):
        if isinstance(cause, ConnectionRefusedError):
            return Verdict.PORT_CLOSED
        if isinstance(cause, socket.gaierror | TimeoutError):
            return Verdict.HOST_DOWN
        if isinstance(cause, OSError) and cause.errno in _UNREACHABLE:
            return Verdict.HOST_DOWN
        if isinstance(cause, OSError):
            return Verdict.BUSY
    return Verdict.HOST_DOWN


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Walk from an error to what it was raised from."""
    seen = error.__cause__
    while seen is not None:
        yield seen
        seen = seen.__cause__
