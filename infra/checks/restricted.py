"""The Pod Security Standard `restricted`, which the namespace enforces, and a root that nobody writes to."""

from .manifests import name

# Kinds of volumes that the standard allows, of those there are here.
VOLUMES = {"configMap", "secret", "emptyDir", "persistentVolumeClaim"}


def check(built):
    """Every pod of ours would be admitted, and its root is read-only."""
    problems = []
    for one in [*built.services(), *built.of("Job")]:
        pod = one["spec"]["template"]["spec"]
        problems += [f"{name(one)}: {what}" for what in admitted(pod)]
    levels = (built.get("Namespace", "admis") or {"metadata": {}})["metadata"].get("labels", {})
    if built.overlay != "podman" and levels.get("pod-security.kubernetes.io/enforce") != "restricted":
        problems.append("the namespace does not enforce `restricted`")
    return problems


def admitted(pod):
    """What the standard would refuse, and what we refuse besides."""
    context = pod.get("securityContext", {})
    demands = {
        "may run as root": context.get("runAsNonRoot") is True and context.get("runAsUser", 0) > 0,
        "has no seccomp profile": context.get("seccompProfile", {}).get("type") == "RuntimeDefault",
        "shares something of the node": not any(pod.get(key) for key in ("hostNetwork", "hostPID", "hostIPC")),
    }
    for container in pod["containers"] + pod.get("initContainers", []):
        own = container.get("securityContext", {})
        demands |= {
            "may gain privileges": own.get("allowPrivilegeEscalation") is False and not own.get("privileged"),
            "keeps capabilities": own.get("capabilities") == {"drop": ["ALL"]},
            "writes to its root": own.get("readOnlyRootFilesystem") is True,
            "has no bounds of memory": "memory" in container.get("resources", {}).get("limits", {}),
        }
        if own.keys() & {"runAsUser", "runAsNonRoot", "seccompProfile"}:
            demands["changes its user or profile for itself"] = False
    kinds = {kind for volume in pod.get("volumes", []) for kind in volume if kind != "name"}
    demands[f"mounts {sorted(kinds - VOLUMES)}"] = kinds <= VOLUMES
    return [what for what, holds in demands.items() if not holds]
