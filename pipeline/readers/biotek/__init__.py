"""BioTek, now Agilent: Gen5."""
