"""What is referred to is there: configurations, secrets, keys, peers, images."""

import json
import subprocess

from .manifests import K8S, name

SECRETS = "/etc/admis/secrets/"
# Made by others in the cluster: cert-manager, PostgreSQL's operator, the ingress.
FROM_OTHERS = {"postgres-ca", "nats-tls", "authority"}


def made(environment):
    """Secrets and ConfigMaps that `infra/k8s/secrets` makes, with their keys."""
    done = subprocess.run([str(K8S / "secrets"), environment], capture_output=True, text=True, check=True)
    objects = [json.loads(one) for one in done.stdout.split("---\n") if one.strip()]
    return {(one["kind"], one["metadata"]["name"]): set(one["data"]) for one in objects}


def check(built, secrets, arrows):
    """Every name that a pod or a configuration uses."""
    problems = []
    for one in [*built.services(), *built.of("Job")]:
        pod = one["spec"]["template"]["spec"]
        service = one["metadata"]["name"].removesuffix("-migrate")
        for volume in pod["volumes"]:
            problems += [f"{name(one)}: {what}" for what in mounted(built, volume, secrets)]
        for source in pod["containers"][0].get("envFrom", []):
            if ("Secret", source["secretRef"]["name"]) not in secrets:
                problems.append(f"{name(one)}: nobody makes the Secret {source['secretRef']['name']}")
        if ":" not in pod["containers"][0]["image"] or pod["containers"][0]["image"].endswith(":latest"):
            problems.append(f"{name(one)}: {pod['containers'][0]['image']} names no version")
        config = built.config(one)
        held = secrets.get(("Secret", f"{service}-secrets"), set())
        for path in strings(config):
            if path.startswith(SECRETS) and path.removeprefix(SECRETS) not in held:
                problems.append(f"{name(one)}: {path} is not in the Secret {service}-secrets")
        peers = set(config.get("peers", {}))
        called = {callee for caller, callee in arrows if caller == service}
        if peers != called:
            problems.append(f"{name(one)}: its [peers] are {sorted(peers)}, its arrows {sorted(called)}")
        for peer, address in config.get("peers", {}).items():
            if built.get("Deployment", peer) is None or address.split("//")[-1] != f"{peer}:9090":
                problems.append(f"{name(one)}: {address} is not where {peer} listens")
    for cluster in built.of("Cluster"):
        for role in cluster["spec"]["managed"]["roles"]:
            if ("Secret", role["passwordSecret"]["name"]) not in secrets:
                problems.append(f"{name(cluster)}: nobody makes the Secret {role['passwordSecret']['name']}")
    return sorted(set(problems))


def mounted(built, volume, secrets):
    """A volume's source: in the overlay, made by `infra/k8s/secrets`, by others, or optional."""
    if source := volume.get("configMap"):
        if built.get("ConfigMap", source["name"]) is None and ("ConfigMap", source["name"]) not in secrets:
            return [f"there is no ConfigMap {source['name']}"]
    if source := volume.get("secret"):
        known = ("Secret", source["secretName"]) in secrets or source["secretName"] in FROM_OTHERS
        certified = any(c["spec"]["secretName"] == source["secretName"] for c in built.of("Certificate"))
        if not (known or certified or source.get("optional")):
            return [f"nobody makes the Secret {source['secretName']}"]
    return []


def strings(value):
    """Every string of a configuration, however deep."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return [text for inner in value for text in strings(inner)]
    return [value] if isinstance(value, str) else []
