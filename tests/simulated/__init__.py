"""The simulated plant, on its own."""
