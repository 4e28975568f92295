"""Tests of how a plant is changed."""
