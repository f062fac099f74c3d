"""What do antigen-negative wells, a dilution series and HNK1 wells gain? Simulated sera whose truth is known.

Run from the checkout::

    python -m benchmarks.specificity                          500 sera, as for every change
    python -m benchmarks.specificity --sera 8000 --markdown   the full size
    python -m benchmarks.specificity --sera 8000 --markdown --unequal 0.2
    python -m benchmarks.specificity --sera 8000 --plot docs/images/specificity.svg

Half of the sera hold anti-MAG IgM, half hold none (:mod:`.population`). The same sera are simulated three
times: 4, 16 and 32 % of them stick to wells without antigen, everything else about them stays as it was. The
plates have good calibrators and controls and go through ``analyse`` and ``qc.evaluate`` with the shipped
assay ``anti_mag_igm``; a plate that the rules reject is left out for every decision rule, and counted.

Five decision rules (:mod:`.rules`) look at the same wells. *false positive*: called positive, of those
without anti-MAG IgM. *sensitivity*: called positive, of those with it. *open*: neither positive nor negative;
titerline's INDETERMINATE, REPEAT and NONSPECIFIC_BINDING, which are not reported. *PPV*: positive predictive
value at ``--prevalence``; *at worst*: with the ends of both intervals that make it smallest. Intervals are
95 % (Wilson).

``--unequal 0.2`` drops the assumption that a serum sticks equally to wells with and without antigen: the two
then differ by a factor with this SD of its logarithm.

A plate takes about 25 ms; the full size takes about a minute on two cores.
"""
