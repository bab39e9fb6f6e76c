"""What `make test` runs: pytest, Vitest, and the browser journeys against a stack of their own.

All three run even when one fails, so that one run shows everything; the last line counts. They run with
marked secrets, and what they leave is searched for them (canary.py): one that is found fails the run.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CANARY = str(ROOT / "backend/tests/canary.py")
MARK = "Kanarie7"
"""What the secrets of the run begin with: a word that is nowhere else."""
BOOTSTRAP = ROOT / "backend/bootstrap.py"
LONG_STATE = ROOT / ".data/test-long.json"


def run(label: str, words: list[str], env: dict[str, str] | None = None) -> tuple[int, float]:
    """(exit code, seconds) of a step whose output is shown."""
    print(f"== {label}", flush=True)
    begun = time.monotonic()
    with subprocess.Popen(words, cwd=ROOT, env={**os.environ, **(env or {})}) as step:
        try:
            code = step.wait()
        except BaseException:  # told to stop: the step has a stack to end
            step.terminate()
            raise
    took = time.monotonic() - begun
    print(f"== {label}: {'ok' if code == 0 else f'code {code}'} after {took:.0f} s", flush=True)
    return code, took


def from_junit(path: Path) -> tuple[int, int, int]:
    """(passed, failed, skipped) of pytest's report; errors count as failures."""
    if not path.exists():
        return 0, 1, 0
    suites = ET.parse(path).getroot().iter("testsuite")
    total = failed = skipped = 0
    for suite in suites:
        total += int(suite.get("tests", 0))
        failed += int(suite.get("failures", 0)) + int(suite.get("errors", 0))
        skipped += int(suite.get("skipped", 0))
    return total - failed - skipped, failed, skipped


def from_vitest(path: Path) -> tuple[int, int, int]:
    """(passed, failed, skipped) of Vitest's report."""
    if not path.exists():
        return 0, 1, 0
    report = json.loads(path.read_text())
    skipped = report["numPendingTests"] + report.get("numTodoTests", 0)
    return report["numPassedTests"], report["numFailedTests"], skipped


def from_playwright(path: Path) -> tuple[int, int, int]:
    """(passed, failed, skipped) of Playwright's report."""
    if not path.exists():
        return 0, 1, 0
    stats = json.loads(path.read_text())["stats"]
    return stats["expected"] + stats["flaky"], stats["unexpected"], stats["skipped"]


def pytest_words(report: Path, *, long: bool) -> list[str]:
    words = [sys.executable, "-m", "pytest", "-q", "-n", "2", "--dist", "loadfile"]
    words += [f"--junitxml={report}", "-m", "long" if long else "not long"]
    if long:
        words += ["--timeout", "3000", "--hypothesis-profile", "long"]
        words += [f"--resume={LONG_STATE}", "backend/tests"]
        if os.environ.get("FRESH") == "1":
            LONG_STATE.unlink(missing_ok=True)
    return words


def npm(script: str, *words: str) -> list[str]:
    return [sys.executable, str(BOOTSTRAP), "npm", "run", script, "--", *words]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--long", action="store_true", help="the full counts; resumable")
    options = parser.parse_args()
    begun = time.monotonic()
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    found = subprocess.run(
        [sys.executable, str(BOOTSTRAP), "browser"], stdout=subprocess.PIPE, text=True
    )
    if found.returncode != 0:
        return found.returncode
    browser = {"CHROMIUM_PATH": found.stdout.strip()}
    codes: list[int] = []
    counts: list[tuple[int, int, int]] = []
    with tempfile.TemporaryDirectory(prefix="deal-scout-reports-") as directory:
        reports = Path(directory)
        evidence = reports / "left"
        evidence.mkdir()
        marked = {"DEAL_SCOUT_MARK_SECRETS": MARK, "DEAL_SCOUT_EVIDENCE": str(evidence)}
        if options.long:
            marked = {}
        report = reports / "pytest.xml"
        code, _ = run("pytest", pytest_words(report, long=options.long), browser | marked)
        codes.append(0 if options.long and code == 5 else code)  # 5: all long tests passed before
        counts.append((0, 0, 0) if options.long and code == 5 else from_junit(report))
        if not options.long:
            report = reports / "vitest.json"
            reporters = ["--reporter=default", "--reporter=json", f"--outputFile.json={report}"]
            codes.append(run("vitest", npm("test", *reporters))[0])
            counts.append(from_vitest(report))
            report = reports / "playwright.json"
            journeys = npm("e2e", "--reporter=list,json")
            around = [sys.executable, "-m", "app", "with-stack", "--"]
            around += [sys.executable, CANARY, "around", *journeys]
            env = {**browser, **marked, "PLAYWRIGHT_JSON_OUTPUT_NAME": str(report)}
            env["RATE_LIMIT_ANONYMOUS"] = "0"  # a browser that walks all pages as fast as it can
            codes.append(run("browser journeys", around, env)[0])
            counts.append(from_playwright(report))
            words = [sys.executable, CANARY, "search", str(evidence), MARK]
            codes.append(run("secrets in what was left", words)[0])
    passed, failed, skipped = (sum(column) for column in zip(*counts, strict=True))
    print(
        f"{passed} passed, {failed} failed, {skipped} skipped in {time.monotonic() - begun:.0f} s"
    )
    return 1 if failed or any(codes) else 0


if __name__ == "__main__":
    sys.exit(main())
