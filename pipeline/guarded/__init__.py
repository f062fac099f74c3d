"""Strangers' files in a child process with limits of time and memory. Knows readers and definitions."""
