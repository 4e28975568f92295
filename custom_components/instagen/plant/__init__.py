"""What a plant is: readings, identity, alarms and the evidence behind them.

Pure Python: no I/O, no Home Assistant, no clock of its own. Links translate
their wire format into these terms, platforms show them.
"""
