"""Runs every check on every overlay: `python -m checks`, from infra/deploy-check."""

import sys

from . import arrows, broker, lifecycle, manifests, pools, practice, references, restricted, scaling, schemas


def main():
    calls, scale = manifests.arrows(), manifests.toml("infra/k8s/scale.toml")
    session = manifests.toml("infra/sessions/2026.toml")
    found, unchecked = [], set()

    def say(where, what, problems):
        print(f"{'FAILED' if problems else 'ok':6} {where:10} {what}")
        found.extend(f"{where}: {problem}" for problem in problems)

    say("", "what is generated is current", scaling.current())
    for overlay in manifests.OVERLAYS:
        built = manifests.build(overlay)
        wrong, more = schemas.check(built)
        unchecked |= more
        say(overlay, f"{len(built)} objects against their schemas", wrong)
        environment = "production" if overlay in ("production", "deadline") else "rehearsal"
        say(overlay, "what is referred to is there", references.check(built, references.made(environment), calls))
        say(overlay, "pods are restricted", restricted.check(built))
        say(overlay, "starting, draining, being moved", lifecycle.check(built))
        if overlay == "podman":
            continue
        say(overlay, "checkov", practice.check(built))
        say(overlay, "network policies are the arrows", arrows.check(built, calls))
        say(overlay, "connections at the largest scale", pools.check(built, scale))
        if environment == "production":
            say(overlay, "scaling against the session file", scaling.check(built, session, scale))
            say(overlay, "the broker keeps what it acknowledges", broker.check(broker.values(), built))
        if overlay == "deadline":
            say(overlay, "frozen", lifecycle.frozen(built))
    for kind in sorted(unchecked):
        print(f"unchecked  {kind}: no registry package holds its schema")
    for problem in found:
        print(problem, file=sys.stderr)
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
