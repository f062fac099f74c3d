"""titerline: plate-reader exports in, quality-controlled ELISA titers out.

The data travels one way, and each room knows only the rooms below it::

    cli -> watch -> flows -> batch -> report | ledger | workspace -> process
        -> qc | compute | readers | definitions -> domain -> errors

    read (readers) -> pair with layout and samples (definitions) -> compute -> judge (qc)
        -> record (process) -> report, ledger, workspace

``flows`` is the only module that imports Prefect; ``domain``, ``compute``, ``process`` and ``qc`` know no
file, no clock and no package that draws, stores or serves.
"""

__version__ = "0.1.0"
