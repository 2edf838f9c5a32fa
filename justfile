# The recipes; bare `just` lists them.
_default:
    @just --list --unsorted

# The 2026 session, end to end
demo *ARGS:
    cargo demo {{ARGS}}

# Everything CI runs
ci:
    .ci/run

# The test suite
test *ARGS:
    cargo test --workspace {{ARGS}}

# Chromium on the real platform: journeys, axe-core, the Nu HTML checker (needs chromium, chromium-driver, node, java)
browser *ARGS:
    npm ci --ignore-scripts --prefix tests/browser
    cargo test --package campaign --features browser --test browser -- --test-threads 1 {{ARGS}}

# PyPI schemathesis on the REST API of the real platform (needs python3 with pip)
api *ARGS:
    cargo test --package campaign --features api --test api -- --nocapture {{ARGS}}

# The contract for subscribers as others read it, and the subscribers of the guide on the real platform (needs node and pip)
subscribers *ARGS:
    npm ci --ignore-scripts --prefix infra/events/javascript
    cargo test --package events --features tools {{ARGS}}
    cargo test --package campaign --features subscribers --test subscribers -- --nocapture {{ARGS}}

# Write the contract for subscribers, and the broker's permission files
contract:
    cargo run --quiet --package events -- infra/events/contract
    cargo run --quiet --package broker -- access infra/nats/access

# Take the README's pictures again
screenshots: (browser "the_main_pages_have_their_picture_taken")
    mkdir -p tests/browser/pictures
    cp target/tmp/screenshots/*.png tests/browser/pictures/

# Format and lint
lint:
    cargo fmt --all
    cargo clippy --workspace --all-targets -- -D warnings

# Read a session file as the services do
check-session FILE="infra/sessions/2026.toml":
    cargo run --quiet --package scheduler -- check-session {{FILE}}

# The jury's what-if for one filière: JSON in, JSON out
what-if FILE:
    cargo run --quiet --package integration -- allocate < {{FILE}}

# Write the offline cache of the checked queries after a change of SQL
sqlx-cache:
    infra/sqlx-cache

# Prometheus's verdict on the alert rules, and their unit tests (needs promtool: Debian's prometheus)
alerts:
    infra/observability/check

# What each image is made of: CycloneDX and the licences' texts, into target/sbom
sbom *ARGS:
    infra/sbom {{ARGS}}

# How the allocation grows, 10^3 to 10^6 candidates
bench-allocation:
    cargo bench --package integration --bench allocation

# How late transitions fire under a real clock
bench-lateness:
    cargo bench --package scheduler --bench lateness

# Static executables and images of the services
images *SERVICES:
    infra/images {{SERVICES}}

# The manifests: schemas, network, scaling, connections (needs python3 with pip)
deploy-check *ARGS:
    infra/deploy-check {{ARGS}}
