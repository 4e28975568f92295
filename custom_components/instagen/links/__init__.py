"""How a plant is reached. Each link turns its wire format into plant terms.

A link receives its unit, stream or session and opens nothing itself. Nothing in
here imports Home Assistant.
"""
