"""checkov, with every exception explained."""

import json
import subprocess
import tempfile

import yaml

# Check: which objects (the end of checkov's name for them; "" is all), and why it does not hold for us.
EXCEPTIONS = {
    "CKV_K8S_11": ("", "no limit of processor time: it would slow a request down while the node idles; requests divide"),
    "CKV_K8S_15": ("", "tags are never moved, and a node that has the image starts a pod without asking the registry"),
    "CKV_K8S_43": ("", "the registry is the house's: it pins the digests with `kustomize edit set image` when it copies them"),
    "CKV_K8S_35": ("Deployment.admis.intake", "the object store's client reads its credentials from the environment"),
}


def check(built):
    """What fails and is not excepted; and exceptions that nothing needs, where everything is deployed."""
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        yaml.safe_dump_all(list(built), file)
        file.flush()
        command = ["checkov", "--file", file.name, "--framework", "kubernetes", "--output", "json", "--quiet"]
        done = subprocess.run([*command, "--compact", "--skip-download"], capture_output=True, text=True)
    try:
        report = json.loads(done.stdout)
    except json.JSONDecodeError:
        return [f"checkov: {done.stderr.strip()[-500:]}"]
    return judge(report, complete=built.overlay == "production")


def judge(report, complete):
    """Reads checkov's report."""
    if report.get("summary", {}).get("passed", 0) == 0:
        return ["checkov looked at nothing"]
    problems, used = [], set()
    for failed in report["results"]["failed_checks"]:
        where, _why = EXCEPTIONS.get(failed["check_id"], (None, None))
        if where is not None and failed["resource"].endswith(where):
            used.add(failed["check_id"])
        else:
            problems.append(f"{failed['resource']}: {failed['check_id']}, {failed['check_name']}")
    if complete:
        problems += [f"nothing needs the exception {check_id} any more" for check_id in EXCEPTIONS.keys() - used]
    return sorted(problems)
