"""Medicare's Chronic Care Management rules in plain Python: no ORM, no clock, no database.

Read in this order: ``facts`` (what is known of one patient-month), ``codes`` (the dated rule
pack), ``intervals`` and ``months`` (exact time), ``requirements`` and ``concurrency`` (the gate),
``options`` (every bill the minutes allow), ``decision`` (which one, and why), ``record`` (all that
as plain data, to keep and to decide again); beside them ``eligibility`` (who could be offered it at
all).

Money is ``Decimal``; time is whole seconds, as UTC epoch numbers in half-open intervals.
"""
