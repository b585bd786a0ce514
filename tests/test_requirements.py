"""What the package asks for is what it uses: pinned, hashed, without the address of a registry."""

from __future__ import annotations

import re
import sys
import tomllib
from importlib.metadata import packages_distributions

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.test_architecture import PACKAGE, ROOT, read_imports

CHECKOUT = ROOT.parent
PYPROJECT = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = PYPROJECT["project"]
PINNED = ["requirements/run.txt", "requirements/develop.txt"]
PEERS = "requirements/benchmarks.txt"


def asked(*extras: str) -> dict[str, Requirement]:
    optional = PROJECT["optional-dependencies"]
    texts = [*PROJECT["dependencies"], *(text for extra in extras for text in optional[extra])]
    requirements = map(Requirement, texts)
    return {canonicalize_name(requirement.name): requirement for requirement in requirements}


def pins(file: str) -> dict[str, str]:
    text = (CHECKOUT / file).read_text(encoding="utf-8")
    return {
        canonicalize_name(name): version
        for name, version in re.findall(r"^([\w.-]+)==(\S+)", text, re.MULTILINE)
    }


@pytest.mark.parametrize(
    ("file", "extras"),
    [(PINNED[0], ["build"]), (PINNED[1], ["build", "test", "check"])],
    ids=PINNED,
)
def test_every_requirement_is_pinned_within_its_bounds(file: str, extras: list[str]) -> None:
    pinned = pins(file)
    wrong = [str(r) for name, r in asked(*extras).items() if pinned.get(name) not in r.specifier]
    assert not wrong, f"run scripts/lock: {file} does not answer {wrong}"


def test_what_the_benchmarks_add_is_pinned_to_the_versions_of_development() -> None:
    peers, large = pins(PEERS), pins(PINNED[1])
    wanted = map(Requirement, PYPROJECT["dependency-groups"]["benchmarks"])
    wrong = [str(r) for r in wanted if peers.get(canonicalize_name(r.name)) not in r.specifier]
    assert not wrong, f"run scripts/lock: {PEERS} does not answer {wrong}"
    shared = {name: version for name, version in peers.items() if name in large}
    assert shared.items() <= large.items()


@pytest.mark.parametrize("file", [*PINNED, PEERS])
def test_every_pin_is_hashed_and_names_no_registry(file: str) -> None:
    text = (CHECKOUT / file).read_text(encoding="utf-8")
    assert not re.search(r"://|--(extra-)?index|--find-links|--trusted-host| @ ", text)
    entries = re.split(r"^(?=[\w.-]+==)", text, flags=re.MULTILINE)[1:]
    assert entries
    assert all("--hash=sha256:" in entry for entry in entries)


def test_both_files_pin_the_same_versions() -> None:
    small, large = map(pins, PINNED)
    assert small.items() <= large.items()


def test_every_library_is_declared_and_used() -> None:
    distributions = packages_distributions()
    imported = {found.name.split(".")[0] for found in read_imports(ROOT)}
    modules = imported - sys.stdlib_module_names - {PACKAGE}
    used = {name for module in modules for name in distributions.get(module, [module])}

    # Some carry files and no code: they are found by name.
    for path in ROOT.rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        used.update(re.findall(r'distribution\("([^"]+)"\)', source))

    used = set(map(canonicalize_name, used))
    declared = set(asked())
    assert used <= declared, f"imported but not declared: {sorted(used - declared)}"
    assert declared <= used, f"declared but used nowhere: {sorted(declared - used)}"
