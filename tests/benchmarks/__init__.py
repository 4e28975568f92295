"""Tests of the yardsticks, and of the planner by them."""
