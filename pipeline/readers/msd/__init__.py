"""Meso Scale Discovery."""
