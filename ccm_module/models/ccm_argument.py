"""What a client hands to our public methods: it may be anything, and is looked at first."""

import functools
import inspect

from odoo.exceptions import UserError

LARGEST_ID = 2**31 - 1


def is_id(value):
    return type(value) is int and 0 <= value <= LARGEST_ID


def is_id_or_nothing(value):
    return value is None or value is False or is_id(value)


def is_ids(value):
    return isinstance(value, list | tuple) and all(map(is_id, value))


def is_text(value):
    return isinstance(value, str) and "\0" not in value


def is_count(value):
    return type(value) is int


def takes(**kinds):
    """Let a public method refuse arguments that are not what it takes, clearly and first of all.

    :param kinds: for each argument, one of the functions above
    """

    def decorate(method):
        signature = inspect.signature(method)

        @functools.wraps(method)
        def checked(self, *args, **kwargs):
            given = signature.bind(self, *args, **kwargs).arguments
            for name, fits in kinds.items():
                if name in given and not fits(given[name]):
                    raise UserError(
                        self.env._(
                            "%(name)s is not what %(method)s takes.",
                            name=name,
                            method=method.__name__,
                        )
                    )
            return method(self, *args, **kwargs)

        return checked

    return decorate
