"""Does a class keep what it promises? Sera with planted faults, and every reportable class against its titer.

``python -m benchmarks.promises --sera 20000``; the tests run a small size.
"""
