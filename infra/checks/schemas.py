"""Every object against the schema of its kind, unknown fields refused."""

import kubernetes_validate
from cloudcoil.models.cert_manager.v1 import Certificate, Issuer
from cloudcoil.models.keda.v1alpha1 import ScaledObject
from pydantic import ValidationError

from .manifests import name

# The oldest that the manifests are for (grpc probes, admission policies), and the newest that the schemas know.
VERSIONS = ["1.30", "1.37"]
CUSTOM = {"ScaledObject": ScaledObject, "Certificate": Certificate, "Issuer": Issuer}
# No registry package holds these schemas. What matters in them is looked at in other ways (pools, references).
UNCHECKED = {
    "postgresql.cnpg.io/v1": {"Cluster", "Database", "ScheduledBackup"},
    "barmancloud.cnpg.io/v1": {"ObjectStore"},
}


def check(built):
    """What is wrong, and the kinds that no schema was found for."""
    problems, unchecked = [], set()
    for one in built:
        if one["kind"] in UNCHECKED.get(one["apiVersion"], set()):
            unchecked.add(f"{one['apiVersion']} {one['kind']}")
        elif one["kind"] in CUSTOM:
            problems += custom(one)
        else:
            problems += core(one)
    return problems, unchecked


def core(one):
    problems = []
    for version in VERSIONS:
        try:
            kubernetes_validate.validate(one, version, strict=True)
        except kubernetes_validate.ValidationError as error:
            where = ".".join(str(part) for part in error.path)
            problems.append(f"{name(one)}: {version}: {where}: {error.message}")
        except (kubernetes_validate.SchemaNotFoundError, kubernetes_validate.InvalidSchemaError) as error:
            problems.append(f"{name(one)}: {version}: {error}")
    return problems


def custom(one):
    try:
        read = CUSTOM[one["kind"]].model_validate(one)
    except ValidationError as error:
        return [f"{name(one)}: {'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
    # The model drops what it does not know: what did not come back was unknown.
    return [f"{name(one)}: {path} is no field of it" for path in lost(one, read.model_dump(by_alias=True, exclude_unset=True))]


def lost(given, kept, path=""):
    """Paths of `given` that are not in `kept`."""
    if isinstance(given, dict) and isinstance(kept, dict):
        found = [f"{path}.{key}".lstrip(".") for key in given if key not in kept]
        return found + [p for key in given if key in kept for p in lost(given[key], kept[key], f"{path}.{key}")]
    if isinstance(given, list) and isinstance(kept, list):
        return [p for i, (a, b) in enumerate(zip(given, kept)) for p in lost(a, b, f"{path}.{i}")]
    return []
