"""The same simulated plate as each plate reader's software would write it; one module for each vendor.

Names, serial numbers and paths are invented, and every file says somewhere that it is synthetic.
"""
