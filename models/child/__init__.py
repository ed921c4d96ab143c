"""Child rows: lines of a form, and a flag that one row of each parent has."""
