"""Tests of the account: its model, rules, requests and mirror."""
