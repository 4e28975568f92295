"""Who owns what in the cloud: organisations, people, plants and devices, and their rules."""
