"""Each check is seen to fail: the fault is planted in what was built, and must be named."""

import copy
import datetime as dt
import shutil
import subprocess

import pytest

from checks import arrows, broker, lifecycle, manifests, pools, practice, references, restricted, scaling, schemas

SCALE, SESSION = manifests.toml("infra/k8s/scale.toml"), manifests.toml("infra/sessions/2026.toml")
CALLS = manifests.arrows()


@pytest.fixture(scope="session")
def overlays():
    return {name: manifests.build(name) for name in manifests.OVERLAYS}


@pytest.fixture
def production(overlays):
    return copy.deepcopy(overlays["production"])


@pytest.fixture(scope="session")
def secrets():
    return references.made("production")


def names(problems, *wanted):
    """Exactly these problems, each told by a part of its sentence."""
    assert len(problems) == len(wanted), problems
    for part in wanted:
        assert sum(part in problem for problem in problems) == 1, (part, problems)


def container(built, service):
    return built.get("Deployment", service)["spec"]["template"]["spec"]["containers"][0]


def rewrite(built, service, old, new):
    """Changes a line of a service's configuration."""
    held = next(c for c in built.of("ConfigMap") if c["metadata"]["name"].startswith(f"{service}-config"))
    assert old in held["data"]["config.toml"]
    held["data"]["config.toml"] = held["data"]["config.toml"].replace(old, new)


# --- schemas ---


def test_an_unknown_field_and_a_wrong_type_are_named(production):
    container(production, "intake")["imagePullPolice"] = "Always"
    production.get("Service", "jury")["spec"]["ports"][0]["port"] = "many"
    problems, _ = schemas.check(production)
    assert any("Deployment intake" in p and "imagePullPolice" in p for p in problems)
    assert any("Service jury" in p for p in problems)
    assert {p.split(":")[0] for p in problems} == {"Deployment intake", "Service jury"}


def test_a_kind_without_a_schema_is_never_passed_over(production):
    production.append({"apiVersion": "example.org/v1", "kind": "Invented", "metadata": {"name": "x"}})
    problems, unchecked = schemas.check(production)
    assert problems and all("Invented x" in p for p in problems)
    assert "postgresql.cnpg.io/v1 Cluster" in unchecked


def test_the_scalers_and_the_certificates_kinds_are_checked(production):
    production.get("ScaledObject", "intake")["spec"]["maxReplicaCuont"] = 3
    del production.get("ScaledObject", "jury")["spec"]["triggers"][0]["metadata"]
    del production.get("Certificate", "jury")["spec"]["secretName"]
    names(schemas.check(production)[0], "spec.maxReplicaCuont", "spec.triggers.0.metadata", "spec.secretName")


# --- arrows ---


def test_an_arrow_without_a_policy_is_named(production):
    names(arrows.check(production, CALLS | {("scheduling", "jury")}), "scheduling does not reach jury:9090")


def test_a_policy_without_an_arrow_is_named(production):
    names(arrows.check(production, CALLS - {("jury", "intake")}), "jury reaches intake:9090")


def test_one_open_side_is_not_enough(production):
    rule = production.get("NetworkPolicy", "intake")["spec"]["ingress"][0]["from"][0]
    rule["podSelector"]["matchExpressions"][0]["values"].append("scheduling")
    names(arrows.check(production, CALLS))
    egress = {"to": [{"podSelector": {"matchLabels": {"app.kubernetes.io/name": "intake"}}}], "ports": [{"port": 9090}]}
    production.get("NetworkPolicy", "scheduling")["spec"]["egress"] = [egress]
    names(arrows.check(production, CALLS), "scheduling reaches intake:9090")


def test_a_namespace_without_its_denial_is_named(production):
    production.remove(production.get("NetworkPolicy", "deny"))
    problems = arrows.check(production, CALLS)
    # What no policy selects any more is open: the stranger's own side, but no service's.
    assert not any("reaches intake" in p for p in problems), problems
    production.remove(production.get("NetworkPolicy", "broker"))
    assert any("a pod of another namespace reaches nats:4222" in p for p in arrows.check(production, CALLS))


def test_ways_out_and_in_are_part_of_it(production):
    production.get("NetworkPolicy", "jury")["spec"]["egress"].append({"to": [{"ipBlock": {"cidr": "0.0.0.0/0"}}]})
    production.get("NetworkPolicy", "scheduler")["spec"]["ingress"].append({"from": [{"namespaceSelector": {}}]})
    problems = arrows.check(production, CALLS)
    assert any("jury reaches outside:443" in p for p in problems)
    assert any("ingress controller reaches scheduler:9090" in p for p in problems)
    assert any("another namespace reaches scheduler:22" in p for p in problems)
    production.get("NetworkPolicy", "engines")["spec"]["egress"].pop(0)
    assert "intake cannot look names up (UDP)" in arrows.check(production, CALLS)


# --- connections ---


def test_too_many_connections_are_counted(production):
    assert pools.check(production, SCALE) == []
    production.get("ScaledObject", "portal")["spec"]["maxReplicaCount"] = 40
    names(pools.check(production, SCALE), "max_connections is 800")


def test_a_larger_pool_and_a_smaller_database_are_noticed(production):
    rewrite(production, "intake", "pool = 16", "pool = 60")
    names(pools.check(production, SCALE), "intake 9 x (60 + 2)")
    rewrite(production, "intake", "pool = 60", "pool = 16")
    parameters = production.get("Cluster", "postgres")["spec"]["postgresql"]["parameters"]
    parameters["max_connections"] = "500"
    names(pools.check(production, SCALE), "max_connections is 500: ", "500 in the Cluster, 800 in scale.toml")


def test_a_rollout_counts_its_extra_pods(production):
    before = pools.largest(production, production.get("Deployment", "portal"))
    production.get("Deployment", "portal")["spec"]["strategy"]["rollingUpdate"]["maxSurge"] = "25%"
    assert (before, pools.largest(production, production.get("Deployment", "portal"))) == (13, 15)


def test_another_connection_of_the_platform_is_noticed(production, monkeypatch):
    monkeypatch.setattr(pools, "DEDICATED", 1)
    names(pools.check(production, SCALE), "opens 2 connections outside its pool")


# --- scaling ---


def test_a_moved_milestone_is_noticed(production):
    moved = copy.deepcopy(SESSION)
    moved["milestones"]["deposits_close"]["at"] += dt.timedelta(days=7)
    problems = scaling.check(production, moved, SCALE)
    assert any("portal: no window around milestones.deposits_close" in p for p in problems)
    assert any("intake: nothing happens between 2026-03-20 15:00" in p for p in problems)


def test_a_new_instant_is_a_crowd_or_called_quiet(production):
    more = copy.deepcopy(SESSION)
    more["milestones"]["open_day"] = {"at": dt.datetime(2026, 2, 14, 9)}
    names(scaling.check(production, more, SCALE), "no window around milestones.open_day")
    names(scaling.check(production, more, {**SCALE, "quiet": {**SCALE["quiet"], "milestones.open_day": "a visit"}}))


def test_each_scaler_has_its_deployment_its_consumer_and_its_zone(production):
    scaled = production.get("ScaledObject", "jury")["spec"]
    scaled["triggers"][0]["metadata"]["consumer"] = "intake"
    scaled["triggers"][1]["metadata"]["timezone"] = "UTC"
    scaled["triggers"][2]["metadata"]["desiredReplicas"] = "9"
    production.get("Deployment", "intake")["spec"]["replicas"] = 2
    names(
        scaling.check(production, SESSION, SCALE),
        "jury: looks at [('FACTS', 'intake')]",
        "is in UTC",
        "9 replicas wanted",
        "intake: its Deployment says how many",
    )


def test_the_scheduler_is_fixed_and_everything_else_scaled(production):
    production.get("Deployment", "scheduler")["spec"]["replicas"] = 1
    production.remove(production.get("ScaledObject", "payments"))
    names(scaling.check(production, SESSION, SCALE), "payments: is neither", "scheduler: 1 replicas")


def test_what_is_generated_for_another_session_is_not_current(tmp_path):
    text = (manifests.ROOT / "infra/sessions/2026.toml").read_text()
    (tmp_path / "other.toml").write_text(text.replace("2026-04-09T16:00:00", "2026-04-10T16:00:00"))
    problems = scaling.current(tmp_path / "other.toml")
    assert any("components/keda/portal.yaml" in p for p in problems)
    assert not any("rehearsal-config" in p for p in problems)


def test_a_freeze_ends_when_it_should():
    frozen = lambda at: subprocess.run([manifests.K8S / "frozen", at], capture_output=True).returncode
    asked = ["2026-03-19T22:59", "2026-03-19T23:00", "2026-03-21T01:00", "2026-03-21T01:01", "2026-04-09T16:00"]
    assert [frozen(at) for at in asked] == [0, 1, 1, 0, 0]


# --- lifecycle ---


def test_probes_that_mean_something_else_are_named(production):
    container(production, "jury")["livenessProbe"]["grpc"]["service"] = ""
    container(production, "intake")["readinessProbe"]["failureThreshold"] = 10
    del container(production, "portal")["startupProbe"]
    container(production, "payments")["readinessProbe"]["grpc"]["port"] = 9090
    names(
        lifecycle.check(production),
        "jury: the probes ask about",
        "intake: a drain is noticed later",
        "portal: a probe is missing",
        "payments: the probes ask on a port",
    )


def test_capacity_lost_in_a_rollout_or_a_drain_cut_short_is_named(production):
    spec = production.get("Deployment", "jury")["spec"]
    spec["strategy"]["rollingUpdate"]["maxUnavailable"] = 1
    spec["template"]["spec"]["terminationGracePeriodSeconds"] = 20
    names(lifecycle.check(production), "jury: a rollout takes", "jury: is killed before")


def test_what_stands_around_a_service_is_complete(production):
    production.get("Service", "jury")["spec"]["clusterIP"] = "10.0.0.1"
    production.remove(production.get("PodDisruptionBudget", "intake"))
    production.remove(production.get("Job", "notifier-migrate"))
    production.get("Deployment", "portal")["spec"]["template"]["spec"]["automountServiceAccountToken"] = True
    container(production, "payments")["image"] = "admis/payments:0.2.0"
    names(
        lifecycle.check(production),
        "jury: its Service is not headless",
        "intake: no budget",
        "notifier: no Job",
        "portal: Deployment holds a token",
        "payments: migrates with",
    )


def test_a_service_does_not_send_requests_to_its_migration(production):
    del production.get("Service", "jury")["spec"]["selector"]["app.kubernetes.io/component"]
    names(lifecycle.check(production), "jury: its Service sends requests to the migration")


def test_the_evening_of_a_deadline_is_frozen(overlays):
    deadline = copy.deepcopy(overlays["deadline"])
    assert lifecycle.frozen(deadline) == [] and lifecycle.check(deadline) == []
    deadline.get("PodDisruptionBudget", "intake")["spec"]["maxUnavailable"] = 1
    del deadline.get("Namespace", "admis")["metadata"]["labels"]["admis/freeze"]
    names(lifecycle.check(deadline), "intake: 1 of its pods may be taken away")
    names(lifecycle.frozen(deadline), "nothing holds deployments back")
    names(lifecycle.frozen(overlays["production"]), "nothing holds deployments back")


# --- restricted ---


def test_a_pod_that_would_not_be_admitted_is_named(production):
    assert restricted.check(production) == []
    pod = production.get("Deployment", "jury")["spec"]["template"]["spec"]
    pod["securityContext"]["runAsUser"] = 0
    pod["volumes"].append({"name": "node", "hostPath": {"path": "/"}})
    own = container(production, "intake")["securityContext"]
    own["capabilities"] = {"drop": ["ALL"], "add": ["NET_RAW"]}
    own["readOnlyRootFilesystem"] = False
    del production.get("Job", "payments-migrate")["spec"]["template"]["spec"]["securityContext"]["seccompProfile"]
    production.get("Namespace", "admis")["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] = "baseline"
    names(
        restricted.check(production),
        "Deployment jury: may run as root",
        "Deployment jury: mounts ['hostPath']",
        "Deployment intake: keeps capabilities",
        "Deployment intake: writes to its root",
        "Job payments-migrate: has no seccomp profile",
        "the namespace does not enforce",
    )


# --- references ---


def test_names_that_lead_nowhere_are_named(production, secrets):
    pod = production.get("Deployment", "jury")["spec"]["template"]["spec"]
    pod["volumes"][3]["secret"]["secretName"] = "jury-secret"
    pod["volumes"][1]["configMap"]["name"] = "sessions"
    pod["containers"][0]["image"] = "admis/jury"
    rewrite(production, "portal", "/secrets/forms", "/secrets/form")
    rewrite(production, "notifier", "https://intake:9090", "https://intake:9091")
    found = references.check(production, secrets, CALLS)
    names(
        [p for p in found if "Job" not in p],
        "Deployment jury: nobody makes the Secret jury-secret",
        "Deployment jury: there is no ConfigMap sessions",
        "Deployment jury: admis/jury names no version",
        "Deployment portal: /etc/admis/secrets/form is not in",
        "Deployment notifier: https://intake:9091 is not where",
    )


def test_peers_are_the_arrows(production, secrets):
    found = references.check(production, secrets, CALLS | {("scheduling", "jury")})
    names(found, "Deployment scheduling: its [peers] are [], its arrows ['jury']", "Job scheduling-migrate: its [peers]")


# --- practice ---


@pytest.mark.skipif(shutil.which("checkov") is None, reason="infra/deploy-check brings checkov")
def test_a_container_that_may_do_everything_is_named(production):
    container(production, "jury")["securityContext"] = {"privileged": True}
    problems = practice.check(production)
    assert problems and all("Deployment.admis.jury" in p for p in problems), problems
    assert any("CKV_K8S_16" in p for p in problems)


def test_an_exception_that_nothing_needs_is_named():
    failed = [{"check_id": i, "check_name": "", "resource": "Deployment.admis.intake"} for i in practice.EXCEPTIONS]
    report = {"summary": {"passed": 1}, "results": {"failed_checks": failed}}
    assert practice.judge(report, complete=True) == []
    report["results"]["failed_checks"] = failed[1:]
    names(practice.judge(report, complete=True), f"nothing needs the exception {failed[0]['check_id']}")
    report["results"]["failed_checks"] = [{**failed[3], "resource": "Deployment.admis.jury"}]
    assert "Deployment.admis.jury: CKV_K8S_35, " in practice.judge(report, complete=False)
    names(practice.judge({"summary": {"passed": 0}}, complete=True), "looked at nothing")


# --- broker ---


def test_a_broker_that_could_lose_messages_is_named(production):
    values = broker.values()
    assert broker.check(values, production) == []
    values["config"]["jetstream"]["merge"]["sync_interval"] = "2m"
    values["container"]["image"]["tag"] = "2.9.10-alpine"
    rewrite(production, "jury", "replicas = 3", "replicas = 1")
    wanted = ["sync_interval: always", "2.15.1 or newer", "jury: makes streams of 1 replicas"]
    names(broker.check(values, production), *wanted)
