"""What the package asks for is what it uses, pinned, hashed, and without the address of any registry."""

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
PROJECT = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PINNED = ["requirements/run.txt", "requirements/develop.txt"]


def asked(*extras: str) -> dict[str, Requirement]:
    texts = PROJECT["dependencies"] + [
        t for extra in extras for t in PROJECT["optional-dependencies"][extra]
    ]
    return {canonicalize_name(r.name): r for r in map(Requirement, texts)}


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


@pytest.mark.parametrize("file", PINNED)
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
    modules = (
        {module.split(".")[0] for _, _, module in read_imports(ROOT)}
        - sys.stdlib_module_names
        - {PACKAGE}
    )
    used = {
        canonicalize_name(name)
        for module in modules
        for name in distributions.get(module, [module])
    }
    for path in ROOT.rglob("*.py"):  # some carry files, no code: they are found by name
        used.update(
            map(
                canonicalize_name,
                re.findall(r'distribution\("([^"]+)"\)', path.read_text(encoding="utf-8")),
            )
        )
    declared = set(asked())
    assert used <= declared, f"imported but not declared: {sorted(used - declared)}"
    assert declared <= used, f"declared but used nowhere: {sorted(declared - used)}"
