"""Which faults of the bench do the QC rules find, and how often do they cry wolf?

Run from the checkout::

    python -m benchmarks.faults                              10 plates of each fault, as for every change
    python -m benchmarks.faults --plates 100 --clean 2000 --page docs/qc.md       the full size

Every plate is one of the simulator's, of the shipped assay ``anti_mag_igm``, with four clear-cut sera and its
controls; then one fault (:mod:`.scenarios`) is put in. The plate goes through ``analyse`` and
``qc.evaluate``.

*by its rule*: share of the plates on which a rule that is meant for the fault warns or fails. *by any rule*:
any rule warns or fails, the false alarms of clean plates included. *rejected*: the plate's verdict. *wrong*:
sera given out as reportable with another class than the truth, in percent of all sera. *unmarked*: of all
sera, those given out wrong on a plate without any warning. The clean plates give the false alarms of each
rule, with 95 % intervals of Clopper and Pearson (1934, Biometrika 26:404).

Mix-ups (:mod:`.mixups`) are put on both layouts of the assay; where no rule can see one, the table says what
else can tell.

Lot shift and control decay are faults over time (:mod:`.series`): 20 runs set mean and SD, the fault begins,
and the rules over past runs judge each further run. *within n runs*: share of series in which a rule fired.
"""
