"""Exact time: sorted, disjoint, half-open intervals of whole UTC seconds.

A *span* is a tuple ``(start, stop)`` with ``start < stop``; a *track* is a sorted list of disjoint
spans. Every function takes any iterable of spans and returns a track, so no second is ever
counted twice.
"""


def union(spans):
    """Merge spans into a track; touching spans join."""
    track = []
    for start, stop in sorted(spans):
        if stop <= start:
            continue
        if track and start <= track[-1][1]:
            if stop > track[-1][1]:
                track[-1] = (track[-1][0], stop)
        else:
            track.append((start, stop))
    return track


def clip(spans, start, stop):
    """Return the part of ``spans`` inside ``[start, stop)``."""
    return union((max(a, start), min(b, stop)) for a, b in spans)


def subtract(spans, holes):
    """Return the part of ``spans`` that lies in none of ``holes``."""
    track = union(spans)
    for hole_start, hole_stop in union(holes):
        pieces = []
        for a, b in track:
            pieces.append((a, min(b, hole_start)))
            pieces.append((max(a, hole_stop), b))
        track = union(pieces)
    return track


def seconds(spans):
    """Return the wall seconds that ``spans`` cover, each second once."""
    return sum(b - a for a, b in union(spans))


def moment_reached(spans, needed):
    """Return the UTC second at which ``spans`` have covered ``needed`` seconds, or None."""
    for a, b in union(spans):
        if needed <= b - a:
            return a + needed
        needed -= b - a
    return None


def share(start, stop, count):
    """Split one span among ``count`` patients: consecutive parts that add up to the second.

    CMS: time spent for several patients at once is divided among them (30 minutes for three
    patients are ten minutes each). Parts differ by one second at most, the longer ones first.
    """
    each, extra = divmod(stop - start, count)
    parts, at = [], start
    for index in range(count):
        end = at + each + (index < extra)
        parts.append((at, end))
        at = end
    return parts
