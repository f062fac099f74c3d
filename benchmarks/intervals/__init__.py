"""Do the 95 % intervals beside the titer hold the truth? Whole simulated plates whose truth is known.

Run from the checkout::

    python -m benchmarks.intervals                            100 plates of each assay, as for every change
    python -m benchmarks.intervals --plates 2000 --markdown   the full size: 8,000 sera of each assay
    python -m benchmarks.intervals --nominal                  true ODs at the dilutions as declared

Plates of the three shipped HNK1 assays come from the simulator of the sample data and go through ``analyse``.
Titers run from 2,000 to 150,000 BTU, log-uniform; every plate has its own curve; half of the sera hardly
stick to bare wells (0.005 to 0.04 OD at 1:1000), half do (0.05 to 0.5 OD). The errors are the simulator's:
wells 4 % and 0.004 OD, each pipetting step 2.5 %, each calibrator level 1.5 %.

Where a figure is an OD or a ratio of ODs, its truth is read from a twin of the plate whose wells and reader
have no error: the same tubes with the dilutions as they were pipetted or, with ``--nominal``, as they were
declared. Percent inhibition of the concentration and fall of the titer are the share of antibody that HNK1
takes away. For HNK1 titer / MAG titer the HNK1 wells get the MAG curve with its EC50 divided by a ratio k
that is drawn for each plate (0.1 to 1): a serum then reads k times its MAG titer at every dilution, exactly.

*coverage*: of the figures with an interval, those whose interval holds the truth; 93 to 97 % is the aim.
*too low* / *too high*: the whole interval lies below / above the truth. *bound*: figures that are a bound
(one-sided 97.5 %), and how many of these hold. Sera of a plate share its curve, so the Wilson interval of the
coverage is somewhat narrow for what is read from the curve.
"""
