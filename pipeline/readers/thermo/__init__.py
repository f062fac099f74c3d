"""Thermo Fisher: SkanIt, Multiskan."""
