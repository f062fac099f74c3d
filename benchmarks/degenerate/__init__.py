"""Does a bad standard curve ever release a titer? Calibrators spoiled in fifty ways, good sera beside them.

Run from the checkout::

    python -m benchmarks.degenerate                          10 curves of each family, as for every change
    python -m benchmarks.degenerate --seeds 250 --markdown   the full size

Every curve starts from a four-parameter logistic of its own, with duplicate wells of the simulator's error.
One family (:mod:`.families`) spoils its calibrators. The plate goes through ``analyse`` and ``qc.evaluate``
with the shipped assay ``anti_mag_igm``; its four sera and three controls are good, so only the calibrators
can be blamed.

*rejected*: share of the plates with that verdict. *by controls only*: of these, the plates on which no rule
on the calibrators or the plate failed, so that only a control serum told. *named*: share of the curves of
which a finding, a failure or a warning has one of the names that the family expects. *released*: sera that
were given out; a degenerate family may not have one. *outside*: titers from beyond the usable calibrators.
*worst*: the largest factor between a released titer and the truth, over sera at or above the cut-off; for a
bound, the factor by which it is wrong. *crashed* and *warned*: exceptions, and Python warnings that leaked.
A curve takes 10 ms where the checks before the fit find it bad and a second where every level is tried as the
one to leave out; the full size takes about half an hour on one core.
"""
