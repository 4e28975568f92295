"""How a plant is changed. Pure parts, without Home Assistant, one per file."""
