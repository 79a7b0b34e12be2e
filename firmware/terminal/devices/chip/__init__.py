"""The contact chip: ISO/IEC 7816-3 from its answer to reset to APDUs over T=0 and T=1."""
