"""Molecular Devices: SoftMax Pro, SpectraMax iD on board."""
