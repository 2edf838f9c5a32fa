"""NetworkPolicies against ARCHITECTURE.md, both ways: every arrow is open, and nothing else is.

The policies are evaluated as a network would: a connection is there if the caller's egress and the callee's ingress
both allow it. So it does not matter how they are written.
"""

import itertools

GRPC, HTTP = 9090, 8080
# Ports that something of ours listens on.
PORTS = [GRPC, HTTP, 9091, 4222, 6222, 8222, 5432, 8000, 3310, 443, 587, 22]


def pod(namespace, **labels):
    return namespace, {key.replace("__", "/").replace("_", "."): value for key, value in labels.items()}


def service(name):
    part = {"app.kubernetes.io/part-of": "admis", "app.kubernetes.io/component": "service"}
    return "admis", {**part, "app.kubernetes.io/name": name}


# What is not ours and still talks to us, or we to it.
NATS = pod("admis", app_kubernetes_io__name="nats")
POSTGRES = pod("admis", cnpg_io__cluster="postgres")
CLAMD = pod("admis", app_kubernetes_io__name="clamd")
DNS = ("kube-system", {"k8s-app": "kube-dns"})
INGRESS, KEDA, SEES = pod("ingress-nginx"), pod("keda"), pod("observability")
OUTSIDE = None
STRANGERS = {"a pod of another namespace": pod("default"), "a pod of this namespace": pod("admis", app="stranger")}


def selects(selector, labels):
    """A label selector; the empty one selects everything."""
    holds = all(labels.get(key) == value for key, value in selector.get("matchLabels", {}).items())
    for rule in selector.get("matchExpressions", []):
        value, operator = labels.get(rule["key"]), rule["operator"]
        holds &= {
            "In": value in rule.get("values", []),
            "NotIn": value not in rule.get("values", []),
            "Exists": value is not None,
            "DoesNotExist": value is None,
        }[operator]
    return holds


def admits(peers, who, namespace):
    """Whether one of the peers of a rule is `who`; no peers, or an empty list, mean everyone."""
    for peer in peers or [None]:
        if peer is None:
            return True
        if "ipBlock" in peer:
            if who is OUTSIDE:
                return True
        elif who is not OUTSIDE:
            inside = peer.get("namespaceSelector")
            there = who[0] == namespace if inside is None else selects(inside, {"kubernetes.io/metadata.name": who[0]})
            if there and selects(peer.get("podSelector", {}), who[1]):
                return True
    return False


def one_side(policies, whose, other, port, direction, protocol="TCP"):
    """Whether the policies that select `whose` let it speak to, or be spoken to by, `other`."""
    if whose is OUTSIDE or whose[0] != "admis":
        return True
    key, peers = ("egress", "to") if direction == "Egress" else ("ingress", "from")
    over = [p["spec"] for p in policies if selects(p["spec"].get("podSelector", {}), whose[1])]
    over = [spec for spec in over if direction in spec.get("policyTypes", ["Ingress"])]
    if not over:
        return True
    for spec in over:
        for rule in spec.get(key, []):
            ports = rule.get("ports") or [{"port": port, "protocol": protocol}]
            open_ports = {(p.get("port", port), p.get("protocol", "TCP")) for p in ports}
            if (port, protocol) in open_ports and admits(rule.get(peers), other, whose[0]):
                return True
    return False


def connects(policies, caller, callee, port, protocol="TCP"):
    """Whether `caller` reaches `callee` on `port`."""
    sides = [(caller, callee, "Egress"), (callee, caller, "Ingress")]
    return all(one_side(policies, whose, other, port, side, protocol) for whose, other, side in sides)


def expected(services, arrows):
    """Every connection that is to be there, apart from names: (caller, callee, port)."""
    pods = {name: service(name) for name in services}
    known = {**pods, "nats": NATS, "postgres": POSTGRES, "clamd": CLAMD, "outside": OUTSIDE}
    known |= {"ingress controller": INGRESS, "keda": KEDA, "observability": SEES, **STRANGERS}
    wanted = {(caller, callee, GRPC) for caller, callee in arrows}
    wanted |= {(name, "nats", 4222) for name in services} | {(name, "postgres", 5432) for name in services}
    wanted |= {("portal", "clamd", 3310), ("portal", "outside", 443), ("intake", "outside", 443)}
    wanted |= {("notifier", "outside", 587), ("ingress controller", "portal", HTTP), ("keda", "nats", 8222)}
    wanted |= {("observability", "nats", 8222), ("nats", "nats", 6222), ("postgres", "outside", 443)}
    wanted |= {("postgres", "postgres", 5432), ("postgres", "postgres", 8000), ("clamd", "outside", 443)}
    return known, wanted


def check(built, arrows):
    """Every arrow is open and nothing else is."""
    policies = built.of("NetworkPolicy")
    services = {one["metadata"]["name"] for one in built.services()}
    problems = []
    for caller, callee in arrows:
        problems += [f"ARCHITECTURE.md: there is no service {name}" for name in (caller, callee) if name not in services]
    known, wanted = expected(services, arrows)
    for caller, callee in itertools.product(known, known):
        # What neither end is of this namespace, no policy of ours can say anything about.
        if all(known[end] is OUTSIDE or known[end][0] != "admis" for end in (caller, callee)) or callee in STRANGERS:
            continue
        for port in PORTS:
            there = connects(policies, known[caller], known[callee], port)
            if there and (caller, callee, port) not in wanted:
                problems.append(f"{caller} reaches {callee}:{port}, and nothing says that it may")
            if not there and (caller, callee, port) in wanted:
                problems.append(f"{caller} does not reach {callee}:{port}, and must")
    for name in services:
        for protocol in ("UDP", "TCP"):
            if not connects(policies, service(name), DNS, 53, protocol):
                problems.append(f"{name} cannot look names up ({protocol})")
        if not connects(policies, service(name), SEES, 4317):
            problems.append(f"{name} does not reach the collector")
    return sorted(set(problems))
