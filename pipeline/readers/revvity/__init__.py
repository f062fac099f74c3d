"""Revvity: Kaleido."""
