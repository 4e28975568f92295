"""Stand-in for a package without a wheel for this Python.

Home Assistant's frontend lists the actions of every integration, among them one that
imports this module. The demo hears nothing, so a class by that name is enough.
"""


class MicroVad:
    """Stand where the voice activity detector would."""
