"""titerline: plate-reader exports in, quality-controlled ELISA titers out.

Data travels one way, and each room knows only the rooms below it::

    read -> pair with layout and samples -> compute -> judge -> record -> report -> review

    cli            main and the parser
    commands       one file a command
    inbox          the watched folder; flows is the only module that imports Prefect
    verify         proof that nothing changed
    jobs           one export through the house, safe to repeat
    runs           over many runs: list, history, follow-up, summary
    report         excel | pdf | trends > page > first_page > drawing > tables > language > words
    ledger         what was done, past runs, the audit trail
    process        read, pair, compute, judge, record: in memory, end to end
    record         results.json and what it is made of
    workspace      folders, atomic files, settings
    any_table      curves and limits from any table
    compute        analyse > sample > hnk1 > titer > plate, past > curve > statistics
    readers        a document to plates
    definitions    assay folders, layouts, sample sheets, lots
    tables         bytes to cells
    domain         frozen typed records
    errors         what users can put right

Beside it stands ``qc``: rules that know ``domain`` alone. The direction is held by the contracts in
``pyproject.toml``; ``docs/where.md`` says where new code belongs.
"""

__version__ = "0.2.0"
