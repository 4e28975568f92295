"""How the cloud says no."""


class Refused(Exception):  # noqa: N818  it is an answer, not a mistake of ours
    """A request that gets an envelope with another status than "0"."""

    def __init__(self, status: str, message: str) -> None:
        """Take the status and the message of the envelope."""
        super().__init__(message)
        self.status = status
        self.message = message


class NoPermission(Refused):
    """A right is missing, or the thing belongs to others; the server does not tell which."""

    def __init__(self) -> None:
        """Take nothing: facts/cloud-api.md section 11 knows no more than this text."""
        super().__init__("3", "No Permission")


class RuleBroken(Refused):
    """The request breaks a rule of the model (facts/cloud-model.md section 11)."""

    def __init__(self, message: str) -> None:
        """Take the rule's sentence, one of those in docs/cloud.md."""
        super().__init__("1", message)


class ParameterError(RuleBroken):
    """A field is missing or cannot be right."""

    def __init__(self, field: str) -> None:
        """Take the field's name."""
        super().__init__(f"Parameter error: {field}")


class JobFailed(Exception):  # noqa: N818  an outcome that a job may have
    """A job that ends with an error code of the device."""

    def __init__(self, code: str) -> None:
        """Take a code of ``command_error`` (facts/cloud-api.md 4.11)."""
        super().__init__(code)
        self.code = code
