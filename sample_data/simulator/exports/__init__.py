"""The same simulated plate as each plate reader's software would write it; one module for each vendor.

Names, serial numbers and paths are invented; files that have a place for it say that they are synthetic.
"""
