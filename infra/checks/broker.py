"""The values of the broker's chart: what no acknowledged message may be lost without. The chart itself is not rendered
here."""

import yaml

from .manifests import K8S

# Older servers do not know `sync_interval: always`.
OLDEST = (2, 15, 1)


def values():
    """The production values, parsed."""
    return yaml.safe_load((K8S / "nats/values.yaml").read_text())


def check(values, built):
    """Three servers on three machines, each message on all of them and on disk before it is acknowledged, over TLS, for
    known users."""
    config, problems = values["config"], []
    version = tuple(int(part) for part in values["container"]["image"]["tag"].split("-")[0].split("."))
    wanted = {
        "three servers": config["cluster"]["enabled"] and config["cluster"]["replicas"] == 3,
        "sync_interval: always": config["jetstream"].get("merge", {}).get("sync_interval") == "always",
        f"a server of {'.'.join(map(str, OLDEST))} or newer": version >= OLDEST,
        "streams in files on a volume": config["jetstream"]["fileStore"]["pvc"]["enabled"],
        "TLS for clients and routes": config["nats"]["tls"]["enabled"] and config["cluster"]["tls"]["enabled"],
        "users and permissions": any(key.endswith("$include") for key in config["merge"]),
        "each server on a machine of its own": values["podTemplate"]["topologySpreadConstraints"]
        .get("kubernetes.io/hostname", {})
        .get("whenUnsatisfiable")
        == "DoNotSchedule",
    }
    problems += [f"nats/values.yaml: {what} is wanted" for what, holds in wanted.items() if not holds]
    for deployment in built.services():
        replicas = built.config(deployment)["nats"].get("replicas", 1)
        if replicas != config["cluster"]["replicas"]:
            problems.append(f"{deployment['metadata']['name']}: makes streams of {replicas} replicas")
    return problems
