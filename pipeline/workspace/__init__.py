"""Folders, atomic files, settings, what the package ships. Knows the domain and the errors."""
