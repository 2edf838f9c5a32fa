"""A client gives each of its requests a key of its own: two made-up requests under one made-up key are rightly refused."""

import itertools

import schemathesis

KEY = "Idempotency-Key"
numbers = itertools.count()


@schemathesis.hook
def before_call(context, case, kwargs):
    meta = case.meta
    if meta is not None and meta.generation.mode.is_positive and case.headers and KEY in case.headers:
        case.headers[KEY] = f"case-{next(numbers)}"
