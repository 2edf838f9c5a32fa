"""Starting, draining and being moved: what the platform relies on when Kubernetes starts and ends its pods."""

# The platform's own: drain.settle, and settle, finish and flush together, in seconds.
SETTLE, DRAIN = 3, 28
# Whoever is stopped while it shares a volume with its successor goes first.
RECREATED = {("rehearsal", "intake")}


def check(built):
    """Probes, graces, budgets."""
    problems = []
    for deployment in built.services():
        name, spec = deployment["metadata"]["name"], deployment["spec"]
        pod, container = spec["template"]["spec"], spec["template"]["spec"]["containers"][0]
        problems += [f"{name}: {what}" for what in probes(container, built.config(deployment))]
        if pod.get("terminationGracePeriodSeconds", 30) <= DRAIN:
            problems.append(f"{name}: is killed before its drain of {DRAIN} s is over")
        strategy = spec.get("strategy", {})
        if (built.overlay, name) not in RECREATED and strategy.get("rollingUpdate", {}).get("maxUnavailable") != 0:
            problems.append(f"{name}: a rollout takes a pod away before its successor is ready")
        if built.overlay != "podman":
            problems += around(built, deployment)
    return problems


def probes(container, config):
    """Readiness is the overall name, liveness is `liveness`, on a port where the kubelet is understood."""
    probes = {kind: container.get(f"{kind}Probe", {}).get("grpc") for kind in ("startup", "readiness", "liveness")}
    if None in probes.values():
        return ["a probe is missing, or does not ask grpc.health.v1"]
    problems = []
    asked = {kind: probe.get("service", "") for kind, probe in probes.items()}
    if asked != {"startup": "liveness", "readiness": "", "liveness": "liveness"}:
        problems.append(f"the probes ask about {asked}")
    clear = config.get("probes") or ("" if "tls" in config else config.get("listen", ""))
    if any(not clear.endswith(f":{probe['port']}") for probe in probes.values()):
        problems.append("the probes ask on a port where nobody answers in the clear")
    ready = container["readinessProbe"]
    if ready.get("periodSeconds", 10) * ready.get("failureThreshold", 3) > SETTLE:
        problems.append(f"a drain is noticed later than after its settle of {SETTLE} s")
    return problems


def around(built, deployment):
    """Budget, account, headless Service, migration."""
    name, labels = deployment["metadata"]["name"], deployment["spec"]["template"]["metadata"]["labels"]
    problems = []
    service, budget = built.get("Service", name), built.get("PodDisruptionBudget", name)
    if service is None or service["spec"].get("clusterIP") != "None":
        problems.append(f"{name}: its Service is not headless")
    elif not service["spec"]["selector"].items() <= labels.items():
        problems.append(f"{name}: its Service selects other pods")
    most = 0 if built.overlay == "deadline" else 1
    if budget is None or not budget["spec"]["selector"]["matchLabels"].items() <= labels.items():
        problems.append(f"{name}: no budget protects its pods")
    elif budget["spec"].get("maxUnavailable") != most:
        problems.append(f"{name}: {budget['spec'].get('maxUnavailable')} of its pods may be taken away, not {most}")
    job = built.get("Job", f"{name}-migrate")
    if job is None or job["spec"]["template"]["spec"]["containers"][0]["args"][0] != "migrate":
        problems.append(f"{name}: no Job brings its database up to date")
    else:
        images = [one["spec"]["template"]["spec"]["containers"][0]["image"] for one in (job, deployment)]
        if len(set(images)) > 1:
            problems.append(f"{name}: migrates with {images[0]} and serves with {images[1]}")
        if service and service["spec"]["selector"].items() <= job["spec"]["template"]["metadata"]["labels"].items():
            problems.append(f"{name}: its Service sends requests to the migration")
    for one in (deployment, job or deployment):
        pod = one["spec"]["template"]["spec"]
        account = built.get("ServiceAccount", pod.get("serviceAccountName", ""))
        if account is None or account.get("automountServiceAccountToken") or pod.get("automountServiceAccountToken", True):
            problems.append(f"{name}: {one['kind']} holds a token of Kubernetes, or has no account")
    return problems


def frozen(built):
    """The deadline's overlay: the label that the admission policy looks for, and a policy that looks for it."""
    labels = built.get("Namespace", "admis")["metadata"]["labels"]
    binding = built.get("ValidatingAdmissionPolicyBinding", "admis-freeze") or {"spec": {"matchResources": {}}}
    wanted = binding["spec"]["matchResources"].get("namespaceSelector", {}).get("matchLabels", {})
    if not wanted or not wanted.items() <= labels.items():
        return ["nothing holds deployments back: the namespace does not bear what the policy looks for"]
    return []
