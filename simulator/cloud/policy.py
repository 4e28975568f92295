"""The server's patience, as data that a test may change."""

from dataclasses import dataclass


@dataclass(slots=True)
class Policy:
    """Limits of the cloud (facts/cloud-api.md 3.7, 3.8 and section 9)."""

    token_life: float = 7200.0
    """Seconds."""

    logins_per_minute: int = 4
    """Log-ins of one account; one more closes the door for ``login_pause``."""

    login_pause: float = 300.0
    """Seconds."""

    wrong_passwords_per_day: int = 5
    v0: bool = True
    """Whether the oldest log-in is open at the micro-service door."""

    v3: bool = True
    gateway: bool = True
    """Whether there is a gateway door at all."""

    home_region: bool = False
    """Whether a log-in at another host than the account's is sent on with a 307."""

    parallel: int = 5
    """Requests of one token at a time; one more gets a 429."""

    live_interval: float = 0.0
    """Seconds within which live data of a plant is told only once; 0 is no limit."""

    job_polls: int = 2
    """How often a job is still running when asked."""

    job_life: float = 120.0
    """Seconds after which a job that never ended is forgotten."""

    burst_life: float = 240.0
    """Seconds that a burst URI serves."""
