"""A real Home Assistant process in front of the simulator, as a newcomer starts it."""
