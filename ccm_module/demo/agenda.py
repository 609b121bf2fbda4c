"""When things happened: working days of the months before a day, and who was busy until when."""

from datetime import datetime, time, timedelta, timezone

from ..billing import months

OPENS = time(8, 40)
WORKDAYS = 20  # even a February has as many


class Agenda:
    """The practice's calendar up to ``now``; nothing it gives out lies in the future.

    :param datetime now: naive UTC, as Odoo keeps moments
    :param tzinfo zone: the practice's
    """

    def __init__(self, now, zone):
        self.now = now
        self.zone = zone
        self.today = now.replace(tzinfo=timezone.utc).astimezone(zone).date()
        self._busy_until = {}

    def month(self, back):
        """Return the first day of the month ``back`` months before this one."""
        day = months.first_day(self.today)
        for _i in range(back):
            day = months.previous_month(day)
        return day

    def workday(self, back, number):
        """Return the ``number``-th (1 to 20) day from Monday to Friday of a month."""
        day = self.month(back)
        while True:
            number -= day.weekday() < 5
            if not number:
                return day
            day += timedelta(days=1)

    def moment(self, day, hour, minute=0):
        """Return the naive UTC moment of a time of day in the practice."""
        local = datetime.combine(day, time(hour, minute), tzinfo=self.zone)
        return local.astimezone(timezone.utc).replace(tzinfo=None)

    def book(self, people, day, seconds, later=0):
        """Take the first time of ``day`` at which all ``people`` are free, and return its start.

        :param list seconds: how long each of them is busy
        :param int later: minutes after the practice opens, before which it is not
        :return: naive UTC, or None if it would not be over by now
        """
        opens = self.moment(day, OPENS.hour, OPENS.minute) + timedelta(minutes=later)
        start = max(self._busy_until.get((person, day), opens) for person in people)
        if start + timedelta(seconds=max(seconds)) > self.now:
            return None
        for person, length in zip(people, seconds, strict=True):
            pause = timedelta(seconds=200 + length % 420)
            self._busy_until[person, day] = start + timedelta(seconds=length) + pause
        return start
