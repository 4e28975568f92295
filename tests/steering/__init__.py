"""Changing a plant from Home Assistant, over both links, against the simulator."""
