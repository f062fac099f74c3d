"""Does the 95 % interval of the titer hold the truth? Simulated plates whose truth is known.

Run from the checkout::

    python -m benchmarks.coverage                                      4,000 samples, as for every change
    python -m benchmarks.coverage --plates 2000 --laboratories 100 --markdown
                                                                       the full size: 28,000 samples
    python -m benchmarks.coverage --by step_cv,dilutions               a table of two factors

Every plate draws its own design: calibrator levels, dilutions, wells, errors (``design.FACTORS``), each level
of a factor equally often. It is read by ``pipeline.compute.analyse`` as any plate is. A row of a table holds
all samples of that level, whatever the other factors were.

*known*: the assay declares the true CV of a dilution step, as learned from many plates. *guess of 3 %*: the
assay declares 3 % as a guess, whatever the truth is, as on a laboratory's first plate; the plate's own series
then correct it. *learned*: each laboratory evaluates 20 plates with that guess, pools their increments as
``titerline learn`` does, and uses the result on its next 5 plates.

Coverage is counted over the samples with a titer; *all true* also counts a ``<`` or ``>=`` that holds. Sera
of a plate share its curve, so their errors are alike: beside the binomial standard error of the coverage
stands the one that counts plates; a cell is called off beyond three of the larger. Bias, SD and RMSE are
those of ln titer: 0.03 is 3 %. *single* reads the one dilution nearest the middle of the same curve.

The plates obey the pipeline's error model, except that ``--calibrator-cv`` adds an error to each calibrator
level. Hooks, outliers and pipetting blunders are not part of this.
"""
