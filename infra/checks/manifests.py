"""Overlays as kustomize builds them, and how to look into them."""

import pathlib
import re
import subprocess
import tomllib

import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
K8S = ROOT / "infra/k8s"
OVERLAYS = ["rehearsal", "production", "deadline", "podman"]


class Built(list):
    """The objects of one overlay."""

    def __init__(self, overlay, objects):
        super().__init__(objects)
        self.overlay = overlay

    def of(self, *kinds):
        """Those of these kinds."""
        return [one for one in self if one["kind"] in kinds]

    def services(self):
        """The Deployments of our services."""
        return [one for one in self.of("Deployment") if one["metadata"]["labels"].get("app.kubernetes.io/part-of")]

    def get(self, kind, name):
        """The one of that name, or `None`."""
        return next((one for one in self.of(kind) if one["metadata"]["name"] == name), None)

    def config(self, deployment):
        """The configuration that a Deployment (or Job) mounts, parsed."""
        for volume in deployment["spec"]["template"]["spec"]["volumes"]:
            if volume["name"].endswith("-config"):
                held = self.get("ConfigMap", volume["configMap"]["name"])
                return tomllib.loads(held["data"]["config.toml"]) if held else {}
        return {}


def build(overlay):
    """Builds an overlay; kustomize's own words if it cannot."""
    command = ["kubectl", "kustomize", str(K8S / "overlays" / overlay)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{overlay} does not build: {done.stderr.strip()}")
    return Built(overlay, [one for one in yaml.safe_load_all(done.stdout) if one])


def arrows():
    """Who calls whom, as ARCHITECTURE.md says: pairs."""
    text = (ROOT / "ARCHITECTURE.md").read_text()
    block = re.search(r"^```calls\n(.*?)^```", text, re.M | re.S)
    pairs = re.findall(r"^(\w+)\s*->\s*(\w+)", block[1], re.M) if block else []
    if not pairs:
        raise SystemExit("ARCHITECTURE.md has no block `calls`")
    return set(pairs)


def toml(path):
    """A TOML file of the repository."""
    return tomllib.loads((ROOT / path).read_text())


def name(one):
    """How an object is called in sentences."""
    return f"{one['kind']} {one['metadata']['name']}"
