"""Stand-in for a package without a wheel for this Python. See pymicro_vad beside it."""


class AudioProcessor:
    """Stand where the noise filter would."""
