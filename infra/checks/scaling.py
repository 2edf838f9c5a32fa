"""The scaler's objects against the session file, read in another way than the one in which they were written."""

import datetime as dt
import subprocess

from .manifests import K8S

# A crowd does not come to the minute.
AT_LEAST = dt.timedelta(minutes=15)


def instants(session):
    """Every instant of the session by its name, local."""
    midnight = dt.time()
    found = []
    for key, entry in session["milestones"].items():
        if at := entry.get("at"):
            found.append((f"milestones.{key}", at))
        elif day := entry.get("through"):
            found.append((f"milestones.{key}", dt.datetime.combine(day + dt.timedelta(days=1), midnight)))
        else:
            found.append((f"milestones.{key}", dt.datetime.combine(entry["on"], midnight)))
    for period in session["periods"]:
        found += [("periods.opens", period["opens"]), ("periods.closes", period["closes"])]
    return found


def moment(cron, year):
    """`minute hour day month *` of one year."""
    minute, hour, day, month, weekday = cron.split()
    if weekday != "*":
        raise ValueError(f"`{cron}` asks for a day of the week")
    return dt.datetime(year, int(month), int(day), int(hour), int(minute))


def crowds(scaled, session):
    """The cron windows of a ScaledObject, with how many they want."""
    year = session["periods"][0]["opens"].year
    for trigger in scaled["spec"]["triggers"]:
        if trigger["type"] == "cron":
            data = trigger["metadata"]
            yield moment(data["start"], year), moment(data["end"], year), int(data["desiredReplicas"]), data["timezone"]


def check(built, session, scale):
    """Every instant with a crowd has its window, every window its instant, and each object its Deployment."""
    problems = []
    scalers = built.of("ScaledObject")
    known = instants(session)
    if not any(one["metadata"]["name"] == "portal" for one in scalers):
        problems.append("nothing scales the portal")
    for scaled in scalers:
        name, spec = scaled["metadata"]["name"], scaled["spec"]
        deployment = built.get("Deployment", spec["scaleTargetRef"]["name"])
        if deployment is None:
            problems.append(f"{name}: there is no Deployment {spec['scaleTargetRef']['name']} to scale")
        elif "replicas" in deployment["spec"]:
            problems.append(f"{name}: its Deployment says how many replicas, and so does the scaler")
        windows = list(crowds(scaled, session))
        for start, end, wanted, zone in windows:
            if zone != session["session"]["zone"]:
                problems.append(f"{name}: {start} is in {zone}, the session in {session['session']['zone']}")
            if wanted > spec["maxReplicaCount"]:
                problems.append(f"{name}: {wanted} replicas wanted from {start}, at most {spec['maxReplicaCount']} allowed")
            if not any(start + AT_LEAST <= at <= end - AT_LEAST for _, at in known):
                problems.append(f"{name}: nothing happens between {start} and {end}")
        if name == "portal":
            for key, at in known:
                crowd = any(start + AT_LEAST <= at <= end - AT_LEAST for start, end, *_ in windows)
                if not crowd and key not in scale["quiet"]:
                    problems.append(f"{name}: no window around {key}, {at}, and scale.toml does not call it quiet")
        problems += lag(name, spec)
    for service, size in scale["services"].items():
        has = any(one["spec"]["scaleTargetRef"]["name"] == service for one in scalers)
        if has == ("fixed" in size):
            problems.append(f"{service}: " + ("is fixed, and scaled" if has else "is neither fixed nor scaled"))
        deployment = built.get("Deployment", service) or {"spec": {}}
        if "fixed" in size and deployment["spec"].get("replicas") != size["fixed"]:
            problems.append(f"{service}: {deployment['spec'].get('replicas')} replicas, scale.toml says {size['fixed']}")
    return problems


def lag(name, spec):
    """Each looks at its own consumer of the stream of facts."""
    lags = [t["metadata"] for t in spec["triggers"] if t["type"] == "nats-jetstream"]
    if [(t["stream"], t["consumer"]) for t in lags] != [("FACTS", name)]:
        return [f"{name}: looks at {[(t['stream'], t['consumer']) for t in lags]}, its own consumer is FACTS/{name}"]
    return []


def current(session=None):
    """What `infra/k8s/generate` would write is what is there."""
    command = [str(K8S / "generate"), "--check", *(["--session", str(session)] if session else [])]
    done = subprocess.run(command, capture_output=True, text=True)
    return (done.stdout + done.stderr).splitlines() if done.returncode else []
