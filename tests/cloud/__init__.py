"""Accounts of the cloud in Home Assistant, against the reference cloud."""
