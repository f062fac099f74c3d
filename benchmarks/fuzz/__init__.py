"""Fuzzing of the readers: spoiled exports are read or refused by code, never anything else.

Run from the checkout::

    python -m benchmarks.fuzz                                  the size for every change: 20,000 mutants
    python -m benchmarks.fuzz --mutants 1000000 --digits 100000        the size for a release
    python -m benchmarks.fuzz --file gen5/                     only files with this in their path
    python -m benchmarks.fuzz --replay 4711 --file NAME        one mutant again, written to a file

Three properties. *Mutant*: a spoiled file gives an ``Export`` of finite numbers inside its plate, or a
``TiterlineError`` with a code, within 2 s of processor time and 300 MB of further memory. *Digit*: one digit
of one well's value is changed; that well shows the new number or a state, or the file is refused, and all
other wells stay as they were. *Sign*: the same when one character of the value becomes any other.

A seed and the path of a file make the same mutant on every machine. Processor time is measured instead of
the clock, so a busy machine is no fault. Memory is measured on Linux for each mutant, on macOS only where
a mutant raises the peak of its process; on Windows it is not measured, and an endless loop is not broken off.
"""
