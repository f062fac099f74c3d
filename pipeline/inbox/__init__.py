"""The watched folder. Knows jobs and what lies below; ``flows`` is the only module that imports Prefect."""
