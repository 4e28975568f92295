"""What the simulated plant says no with."""


class WrongValueError(ValueError):
    """Something asked of the plant is unknown, not fitted or out of range."""
