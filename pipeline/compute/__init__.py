"""The numbers: pure numpy, scipy and lmfit. No files, no clock, no random numbers without a seed."""
