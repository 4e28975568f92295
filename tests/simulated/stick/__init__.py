"""The simulated stick, message by message."""
