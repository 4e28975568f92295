"""How a plant is changed. Nothing in here imports Home Assistant."""
