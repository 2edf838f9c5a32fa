"""PostgreSQL's connections: at the largest scale, in the middle of a rollout, everyone still gets theirs."""

import re

from .manifests import ROOT

# Besides its pool, a process holds the locks of its consumer and of its relay, each on a connection of its own.
DEDICATED = 2
# A migration works on one connection and holds its lock on another.
MIGRATION = 2


def largest(built, deployment):
    """The most replicas there can be, one more during a rollout."""
    name, spec = deployment["metadata"]["name"], deployment["spec"]
    scaled = [s["spec"] for s in built.of("ScaledObject", "HorizontalPodAutoscaler") if target(s) == name]
    most = max([s.get("maxReplicaCount", s.get("maxReplicas")) for s in scaled] or [spec.get("replicas", 1)])
    rolling = spec.get("strategy", {}).get("type", "RollingUpdate") == "RollingUpdate"
    surge = spec.get("strategy", {}).get("rollingUpdate", {}).get("maxSurge", "25%")
    if not isinstance(surge, int):
        surge = -(-most * int(surge.rstrip("%")) // 100)
    return most + (surge if rolling else 0)


def target(scaler):
    return scaler["spec"]["scaleTargetRef"]["name"]


def dedicated():
    """How often the platform opens a connection outside its pool, by its sources."""
    sources = (ROOT / "services/platform/src").rglob("*.rs")
    return sum(len(re.findall(r"\.dedicated\(\)", source.read_text())) for source in sources)


def check(built, scale):
    """The sum of everything stays below `max_connections`."""
    cluster = built.get("Cluster", "postgres")
    if cluster is None:
        return ["there is no Cluster `postgres`"]
    limit = int(cluster["spec"]["postgresql"]["parameters"]["max_connections"])
    problems, total, parts = [], scale["postgres"]["reserved"], []
    if (found := dedicated()) != DEDICATED:
        problems.append(f"the platform opens {found} connections outside its pool; this check reckons with {DEDICATED}")
    for deployment in built.services():
        pool = built.config(deployment).get("database", {}).get("pool")
        if pool is None:
            problems.append(f"{deployment['metadata']['name']}: its configuration names no pool")
            continue
        processes = largest(built, deployment)
        total += processes * (pool + DEDICATED)
        parts.append(f"{deployment['metadata']['name']} {processes} x ({pool} + {DEDICATED})")
    total += MIGRATION * len(built.of("Job"))
    if total >= limit:
        problems.append(f"{total} connections at the largest scale, max_connections is {limit}: {', '.join(parts)}")
    if built.overlay == "production" and limit != scale["postgres"]["max_connections"]:
        problems.append(f"max_connections is {limit} in the Cluster, {scale['postgres']['max_connections']} in scale.toml")
    return problems
