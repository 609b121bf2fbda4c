"""What the care plan is made of, in plain Python: no ORM, no clock, no database."""

from . import codes, compare, elements, merge
