"""The public names change only on purpose."""

from __future__ import annotations

import importlib.metadata
import inspect
import subprocess
import sys

import pytest

import planner

PUBLIC = [
    "InfeasibleError", "InputError", "Notice", "Plan", "PlannerError", "ProblemError", "Scenario",
    "ScenarioError", "StorageError", "ValidityError", "build", "check", "compare", "load_plan",
    "packaged_case", "run", "solve",
]  # fmt: skip


def test_public_names_are_pinned() -> None:
    assert sorted(planner.__all__) == PUBLIC
    assert set(PUBLIC) <= set(dir(planner))


@pytest.mark.parametrize("name", PUBLIC)
def test_every_public_name_is_there_and_documented(name: str) -> None:
    assert inspect.getdoc(getattr(planner, name)), f"planner.{name} has no docstring"


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no_such_name"):
        planner.no_such_name  # noqa: B018


def test_rooms_of_arrays_need_no_import_of_their_own() -> None:
    used = "planner.radio.path_loss, planner.optimise.solve"
    code = f"import planner; assert all(map(callable, ({used})))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("radio.path_loss", "model d2d_m f_ghz *los *h_bs_m *h_ut_m"),
        ("optimise.Problem", "*weight *cover *phases *fixed"),
        ("optimise.solve", "problem *effort *seed"),
        ("build", "scenario"),
        ("solve", "model"),
        ("load_plan", "folder"),
    ],
)
def test_parameters_that_others_rely_on(name: str, parameters: str) -> None:
    target = planner
    for part in name.split("."):
        target = getattr(target, part)
    known = inspect.signature(target).parameters  # type: ignore[arg-type]
    for parameter in parameters.split():
        bare = parameter.lstrip("*")
        assert bare in known, f"{name} has lost its parameter {bare}"
        if parameter == bare:
            assert known[bare].kind is not inspect.Parameter.KEYWORD_ONLY


def test_compare_takes_one_base_and_others() -> None:
    kinds = [parameter.kind for parameter in inspect.signature(planner.compare).parameters.values()]
    assert kinds[:2] == [inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.VAR_POSITIONAL]


def test_every_error_is_a_planner_error() -> None:
    for name in PUBLIC:
        if name.endswith("Error"):
            assert issubclass(getattr(planner, name), planner.PlannerError)
    assert planner.PlannerError.exit_code == 2
    assert planner.StorageError.exit_code == 74


def test_the_version_is_told_once() -> None:
    assert planner.__version__ == importlib.metadata.version("rollout-planner")
