"""The instants of a session file, and spans of time around them."""

import datetime as dt
import re
import tomllib
import zoneinfo

UNITS = {"h": 3600, "m": 60}


def load(path):
    """A TOML file as a table."""
    with open(path, "rb") as file:
        return tomllib.load(file)


def span(text):
    """`8h` or `30m`."""
    match = re.fullmatch(r"([1-9]\d*)([hm])", text)
    if not match:
        raise SystemExit(f"`{text}` is not a span such as 8h or 30m")
    return dt.timedelta(seconds=int(match[1]) * UNITS[match[2]])


def zone(session):
    """The zone of the session's wall-clock times (R2)."""
    return zoneinfo.ZoneInfo(session["session"]["zone"])


def instants(session):
    """Every instant by the name that scale.toml uses: local times, without their zone.

    A day through which something is due ends at the midnight after it (R4). A day without an hour, such as a
    commission's, stands for its first instant.
    """
    found = {}
    for key, milestone in session["milestones"].items():
        if "at" in milestone:
            at = milestone["at"]
        elif "through" in milestone:
            at = dt.datetime.combine(milestone["through"], dt.time()) + dt.timedelta(days=1)
        else:
            at = dt.datetime.combine(milestone["on"], dt.time())
        found.setdefault(f"milestones.{key}", []).append(at)
    for period in session["periods"]:
        found.setdefault("periods.opens", []).append(period["opens"])
        found.setdefault("periods.closes", []).append(period["closes"])
    return found


def windows(session, rule):
    """From when to when a rule (`at`, `before`, `after`) holds, in order, one per distinct instant."""
    known = instants(session)
    for name in rule["at"]:
        if name not in known:
            raise SystemExit(f"the session has no `{name}`; it has: {', '.join(sorted(known))}")
    moments = sorted({moment for name in rule["at"] for moment in known[name]})
    return [(moment - span(rule["before"]), moment + span(rule["after"])) for moment in moments]
