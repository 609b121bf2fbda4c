"""Calendar months in the practice's own time zone."""

from datetime import date, datetime, time, timedelta


def first_day(day):
    """Return the first day of the month that ``day`` lies in."""
    return day.replace(day=1)


def last_day(day):
    """Return the last day of the month that ``day`` lies in."""
    return next_month(day) - timedelta(days=1)


def next_month(day):
    """Return the first day of the month after ``day``."""
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)


def previous_month(day):
    """Return the first day of the month before ``day``."""
    return (day.replace(day=1) - timedelta(days=1)).replace(day=1)


def day_after(day):
    """Return the day after ``day``."""
    return day + timedelta(days=1)


def year_before(day):
    """Return the same calendar day a year earlier (29 February: the 28th)."""
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)


def midnight(day, zone):
    """Return the UTC epoch second at which ``day`` begins in ``zone``.

    Where a change of clocks skips midnight, the day begins at the first moment that exists; where
    one repeats it, at the first of the two. Both follow from ``fold=0`` (PEP 495).
    """
    return int(datetime.combine(day, time.min, tzinfo=zone).timestamp())


def bounds(month, zone):
    """Return ``(start, stop)``: the half-open UTC seconds of the calendar month in ``zone``."""
    return midnight(first_day(month), zone), midnight(next_month(month), zone)


def local_date(moment, zone):
    """Return the calendar date of a UTC epoch second in ``zone``."""
    return datetime.fromtimestamp(moment, zone).date()


def months_between(start, stop, zone):
    """Return the first days of the months that ``[start, stop]`` touches in ``zone``.

    ``start`` and ``stop`` are UTC epoch seconds; an interval that ends exactly at a month's
    midnight does not touch the next month.
    """
    last = local_date(max(start, stop - 1), zone)
    month = first_day(local_date(start, zone))
    found: list[date] = []
    while month <= last:
        found.append(month)
        month = next_month(month)
    return found
