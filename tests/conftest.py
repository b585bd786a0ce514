"""What every test shares: a browser, and a word about each program that is missing."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

# Programs that a marked test needs, each with its possible names. scripts/test names Debian's
# packages.
NEEDS = {
    "browser": (("chromium", "chromium-browser", "google-chrome"),),
    "node": (("node",),),
    "office": (("soffice", "libreoffice"), ("pdftotext",)),
}
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
REQUIRE_ALL = os.environ.get("PLANNER_REQUIRE_ALL") == "1"
# Files that take longest, longest first, so that no worker is left with one of them at the end. But
# the first two are those that compile most loops and that need none of them: two workers that begin
# with loops would both compile each. tests/test_skips.py holds the names.
LONG_FILES = (
    "optimise/test_bound.py", "layers/test_findings.py", "optimise/test_serving.py",
    "test_parameters.py", "test_empty.py", "plan/test_verify.py", "layers/test_fuzz.py",
    "test_kept.py", "test_notebooks.py", "test_faults.py", "test_durability.py",
    "report/test_report.py", "test_pipeline.py", "test_contributing.py", "optimise/test_solve.py",
)  # fmt: skip
# no test uses or fills the folder of whoever runs it; those of that folder name one of their own
os.environ["PLANNER_CACHE"] = "off"


def missing_programs(marker: str) -> list[str]:
    """Name the programs that tests with this marker need and this machine does not have."""
    return [names[0] for names in NEEDS[marker] if not any(map(shutil.which, names))]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files that take longest first; the others keep their order."""
    places = {Path(__file__).parent / name: place for place, name in enumerate(LONG_FILES)}
    items.sort(key=lambda item: places.get(item.path, len(places)))


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a marked test where its program is missing."""
    for marker in NEEDS:
        if item.get_closest_marker(marker) and (missing := missing_programs(marker)):
            pytest.skip(f"{marker} test needs {', '.join(missing)}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Turn a marked test that is skipped into a failure where everything is required."""
    report: pytest.TestReport = yield  # type: ignore[misc]
    marked = any(item.get_closest_marker(marker) for marker in NEEDS)
    if marked and REQUIRE_ALL and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped, but PLANNER_REQUIRE_ALL=1: {report.longrepr}"
    return report  # type: ignore[return-value]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """List every marked test that is skipped in capitals, so that nobody reads green as tested."""
    skipped = [
        report
        for report in terminalreporter.stats.get("skipped", [])
        if any(marker in report.keywords for marker in NEEDS)
    ]
    if not skipped:
        return
    terminalreporter.section("NOT TESTED: PROGRAMS ARE MISSING", sep="!", red=True, bold=True)
    for report in skipped:
        terminalreporter.line(f"SKIPPED {report.nodeid.upper()}: {report.longrepr[2]}")
    terminalreporter.line(
        "INSTALL CHROMIUM, NODEJS, LIBREOFFICE AND POPPLER-UTILS AND RUN AGAIN TO TEST THEM."
    )


@pytest.fixture
def draft_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures of reports with few dots, for tests that do not look at them: quicker by half."""
    monkeypatch.setattr("planner.report.frame.DPI", 50)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """One Chromium for all tests of a process."""
    from playwright.sync_api import sync_playwright

    found = next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )
    if found is None:
        pytest.skip("no Chromium on this machine: the page was not opened")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield browser
        browser.close()


@contextmanager
def _opened(browser: Any, path: Path, **options: Any) -> Iterator[Any]:
    defaults = {"viewport": {"width": 1366, "height": 768}, "offline": True}
    context = browser.new_context(**(defaults | options))
    page = context.new_page()
    page.set_default_timeout(15_000)

    # Whatever a user would not see is collected: a fault, a box nobody asked for, a call outside.
    troubles: list[str] = []

    def heard(message: Any) -> None:
        if message.type in ("error", "warning"):
            troubles.append(message.text)

    def asked(dialog: Any) -> None:
        troubles.append(f"dialog {dialog.message}")
        dialog.dismiss()

    def requested(request: Any) -> None:
        if not request.url.startswith(("file:", "blob:")):
            troubles.append(request.url)

    page.on("console", heard)
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("dialog", asked)
    page.on("request", requested)

    page.goto(path.as_uri())
    page.wait_for_selector("body[data-ready=all]", state="attached")
    yield page
    context.close()
    assert not troubles, troubles


@pytest.fixture(scope="session")
def opened(browser: Any) -> Callable[..., Any]:
    """Open a file in a context without network; leaving it finds no error and no request."""

    def open_file(path: Path, **options: Any) -> Any:
        return _opened(browser, path, **options)

    return open_file
