"""One decision as plain data: all that it was made from, to be kept for ever and decided again.

Exact: money and prices are text, days ISO text, moments whole UTC seconds, the time zone its name.
What is not known is left out.
"""

from dataclasses import fields, is_dataclass, replace
from datetime import date, tzinfo
from decimal import Decimal
from functools import cache
from types import NoneType, UnionType
from typing import get_args, get_origin, get_type_hints
from zoneinfo import ZoneInfo

from .codes import ServiceCode
from .decision import decide
from .facts import MonthFacts
from .options import why_not

# How what JSON has no word for is read again.
READ = {date: date.fromisoformat, Decimal: Decimal, tzinfo: ZoneInfo}


class PricesAsked:
    """A price list that remembers what it was asked: ``asked`` is ``{(code, day): price}``."""

    __slots__ = ("asked", "price_of")

    def __init__(self, price_of):
        self.price_of = price_of
        self.asked = {}

    def __call__(self, code, day):
        price = self.asked[code, day] = self.price_of(code, day)
        return price


def as_record(facts, codes, choice, decision):
    """Return what ``decision`` was made from, and what came out, fit for JSON.

    :param MonthFacts facts: decided over a ``PricesAsked``
    :param codes: iterable of ServiceCode; those not valid in the month had no part in it
    """
    return {
        "facts": _plain(replace(facts, price_of=None)),
        "rules": [_plain(code) for code in codes if code.is_valid_in(facts.month)],
        "prices": [
            [code, day.isoformat(), None if price is None else str(price)]
            for (code, day), price in facts.price_of.asked.items()
        ],
        "choice": choice,
        "result": as_result(decision, choice),
    }


def as_result(decision, choice):
    """Return what came out, fit for JSON; equal results are equal decisions."""
    chosen = decision.chosen
    return {
        "state": decision.state,
        "amount": str(decision.amount),
        "lines": [_line(line) for line in decision.lines],
        "options": [
            {
                "code": option.family.base.code,
                "minutes": option.minutes,
                "lines": [_line(line) for line in option.lines],
                "amount": _plain(option.amount),
                "chosen": option is chosen,
                "reason": _plain(why_not(option, chosen, choice) or option.reason),
            }
            for option in decision.options
        ],
        **{
            name: _plain(getattr(decision, name))
            for name in (
                *("blockers", "warnings", "diagnoses", "next_steps"),
                *("staff_seconds", "practitioner_seconds", "combined_seconds", "excluded"),
            )
        },
    }


def facts_from(record):
    """Return the MonthFacts of a record; its price list knows no more than the record does."""
    prices = prices_from(record)
    return replace(
        _read(MonthFacts, record["facts"]),
        price_of=PricesAsked(lambda code, day: prices.get((code, day))),
    )


def prices_from(record):
    """Return ``{(code, day): Decimal or None}``, the prices that were asked for."""
    return {
        (code, date.fromisoformat(day)): None if price is None else Decimal(price)
        for code, day, price in record["prices"]
    }


def codes_from(record):
    """Return the rule pack of a record, a tuple of ServiceCode."""
    return tuple(_read(ServiceCode, code) for code in record["rules"])


def decide_again(record, codes=None, choice=None, price_of=None):
    """Decide from the record alone, or with other rules, another setting or other prices."""
    facts = facts_from(record)
    if price_of is not None:
        facts = replace(facts, price_of=price_of)
    return decide(
        facts,
        codes_from(record) if codes is None else codes,
        record["choice"] if choice is None else choice,
    )


def _line(line):
    return {**_plain(line), "amount": _plain(line.amount)}


def _plain(value):
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, ZoneInfo):
        return value.key
    if is_dataclass(value):
        parts = ((name, getattr(value, name)) for name in _names(type(value)))
        return {name: _plain(part) for name, part in parts if part is not None}
    return value


def _read(cls, data):
    """Return the dataclass that ``_plain`` made ``data`` of."""
    return cls(
        **{name: _typed(kind, data[name]) for name, kind in _kinds(cls).items() if name in data}
    )


def _typed(kind, value):
    if isinstance(kind, UnionType):
        kind = next(part for part in get_args(kind) if part is not NoneType)
    if value is None:
        return None
    if is_dataclass(kind):
        return _read(kind, value)
    if get_origin(kind) is tuple:
        return tuple(_typed(get_args(kind)[0], part) for part in value)
    return READ.get(kind, lambda same: same)(value)


@cache
def _names(cls):
    return tuple(field.name for field in fields(cls))


@cache
def _kinds(cls):
    return get_type_hints(cls)
