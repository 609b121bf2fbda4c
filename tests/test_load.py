"""People at work at once on two workers: the short form of ``dev/load``."""

from load import put_under_load

PEOPLE, SECONDS = 10, 30


def test_nothing_is_lost_or_doubled(record_property):
    record, faults = put_under_load(PEOPLE, SECONDS)
    assert not record.errors
    assert not faults
    assert len(record.entries) >= PEOPLE
    assert {source for _user, _patient, source, _note in record.entries.values()} == {
        "timer",
        "manual",
    }
    record_property(
        "measured",
        f"load: {PEOPLE} people for {SECONDS} s, {sum(map(len, record.taken.values()))} things done,"
        f" {len(record.entries)} entries found once each",
    )
