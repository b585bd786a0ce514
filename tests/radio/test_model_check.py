"""Mistakes of whoever writes a propagation model: each is told, with file and place."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from planner import radio
from planner.errors import ValidityError
from planner.radio import models
from planner.radio.model import Link
from planner.radio.model_check import check_model

CHECKOUT = Path(__file__).resolve().parents[2]
UMA = radio.MODELS["UMa"]
FILE = "models/sma.py"


def valid(**changes: Any) -> radio.PropagationModel:
    return replace(UMA, valid=replace(UMA.valid, **changes))


def curve(change: Callable[..., dict[str, Any]]) -> radio.PropagationModel:
    """UMa with coefficients of a mistake, which gets the curve and the link."""

    def mistaken(link: Link) -> radio.Curve:
        right = UMA.curve(link)
        return right._replace(**change(right, link))

    return replace(UMA, curve=mistaken)


def probability(function: Callable[[Any, Any], Any]) -> radio.PropagationModel:
    return replace(UMA, los_probability=function)


FIELDS: dict[str, tuple[object, str]] = {
    "no MODEL": (None, "MODEL must be a PropagationModel, got None"),
    "no name": (replace(UMA, name=" "), "name must be a text"),
    "source that is none": (replace(UMA, source=38901), "source must be a text, got 38901"),
    "curve that is none": (replace(UMA, curve=(1.0, 2.0)), "curve must be a function"),
    "open land as text": (replace(UMA, open_land="no"), "open_land must be True or False"),
    "mast below its range": (replace(UMA, h_bs_m=9.0), "h_bs_m must be within 10 to 150 m, got 9"),
    "indoors 0": (replace(UMA, indoor_sigma_db=0.0), "indoor_sigma_db must be a finite number a"),
    "indoors without end": (replace(UMA, indoor_sigma_db=np.inf), "indoor_sigma_db must be a fin"),
    "one deviation": (replace(UMA, sigma_db=8.0), "sigma_db must be two finite numbers"),
    "deviation of 0": (replace(UMA, sigma_db=(0.0, 8.0)), r"sigma_db .* got \(0.0, 8.0\)"),
    "validity as text": (replace(UMA, valid="5 km"), "valid must be a Validity"),
    "range of one number": (valid(f_ghz=3.5), "valid.f_ghz must be two finite numbers"),
    "range in disorder": (valid(h_ut_m=(13.0, 1.5)), r"valid.h_ut_m .* got \(13.0, 1.5\)"),
    "range from 0": (valid(f_ghz=(0.0, 6.0)), "valid.f_ghz"),
    "range of text": (valid(h_bs_m=("25", "25")), "valid.h_bs_m"),
    "endless range": (valid(f_ghz=(0.5, np.inf)), "valid.f_ghz"),
    "extended range beside the range": (
        valid(h_bs_extended_m=(30.0, 50.0)), r"valid.h_bs_extended_m .* got \(30.0, 50.0\)",
    ),
    "distance that is NaN": (valid(los_m=np.nan), "valid.los_m must be a finite number"),
    "distance below 10 m": (valid(nlos_m=10.0), "valid.nlos_m must be beyond 10 m"),
    "streets too wide": (replace(UMA, street_width_m=60.0), "street_width_m must be from 5 to 50"),
    "longer without line of sight": (valid(los_m=2000.0), "valid.los_m must be valid.nlos_m"),
}  # fmt: skip

FUNCTIONS: dict[str, tuple[radio.PropagationModel, str]] = {
    "breakpoint that is NaN": (
        curve(lambda *_: {"breakpoint_m": np.nan}),
        r"curve\(...\).breakpoint_m must be .* got nan at f_ghz = 0.5, h_bs_m = 10, h_ut_m = 1.5",
    ),
    "NaN above 50 GHz": (
        curve(lambda right, link: {"nlos": np.where(link.f_ghz > 50.0, np.nan, right.nlos)}),
        r"curve\(...\).nlos must be a finite number, got nan at f_ghz = 100, h_bs_m = 10",
    ),
    "infinite": (curve(lambda *_: {"near_linear": np.inf}), "near_linear must be .* got inf"),
    "shape of its own": (
        curve(lambda *_: {"near": np.zeros(7)}),
        r"curve\(...\).near must be an array of the shape \(\), got \(7,\)",
    ),
    "text": (curve(lambda *_: {"far": "far"}), r"curve\(...\).far must be a number or an array"),
    "no Curve": (replace(UMA, curve=lambda *_: 3.5), r"curve\(...\) must be a Curve, got 3.5"),
    "only numbers, no arrays": (
        curve(lambda right, link: {"near": 28.0 if link.f_ghz < 6.0 else 30.0}),
        "curve raises ValueError",
    ),
    "only arrays of one dimension": (
        curve(lambda right, link: {"near": link.f_ghz[0] + right.near}),
        r"curve raises .* shapes \(\)",
    ),
    "loss with line of sight that falls": (
        curve(lambda *_: {"near_slope": -22.0}),
        r"the loss with line of sight .* f_ghz = 0.5, h_bs_m = 10, h_ut_m = 1.5, .*d2d_m = 1\d\.",
    ),
    "loss that falls at the break": (
        curve(lambda right, *_: {"far": right.far - 3.0}), "the loss with line of sight must be",
    ),
    # too small to show: with line of sight more is lost
    "hidden loss that falls": (
        curve(lambda *_: {"nlos": 0.0, "nlos_slope": -1.0}),
        "the loss without line of sight must be greater than nearer to the mast",
    ),
    "expected loss that falls": (
        probability(lambda d, h: np.where(d < 300.0, 0.0 * h, 1.0)), "the expected loss must be",
    ),
    "probability that is a number": (
        probability(lambda *_: 0.0),
        r"los_probability must be an array of the shape \(25,\), got \(\)",
    ),
    "probability in percent": (
        probability(lambda d, _: np.full_like(d, 40.0)),
        "los_probability must be a number from 0 to 1, got 40 at d2d_m = .*, h_ut_m = 1.5",
    ),
    "probability that is NaN at the mast": (
        probability(lambda d, _: np.minimum(d / d, 1.0)), "got nan at d2d_m = 0,",
    ),
    "probability for one height": (
        probability(lambda d, h: np.zeros_like(d) if h < 9.0 else np.ones_like(d)),
        "los_probability raises ValueError",
    ),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
@pytest.mark.parametrize("mistake", [*FIELDS, *FUNCTIONS])
def test_a_mistake_is_told_with_its_file(mistake: str) -> None:
    model, told = {**FIELDS, **FUNCTIONS}[mistake]
    with pytest.raises(ValidityError, match=told) as caught:
        check_model(FILE, model)
    assert caught.value.en.startswith(f"{FILE}: ") and caught.value.en.endswith(".")
    assert caught.value.zh.startswith(f"{FILE}:") and caught.value.zh.endswith("。")


def test_a_model_without_break_and_line_of_sight_is_none_the_worse() -> None:
    def one_line(link: Link) -> radio.Curve:
        loss = 32.4 + 20.0 * np.log10(link.f_ghz)
        return radio.Curve(np.inf, loss, 30.0, 0.0, loss, 30.0, loss, 30.0)

    model = replace(UMA, curve=one_line, los_probability=lambda d, _: np.zeros_like(d))
    assert check_model(FILE, model) is model


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "models/sma.py: MODEL must be a PropagationModel, got None."),
        ("from planner.radio.models.uma import MODEL\n", "models/sma.py: the name 'UMa' is taken"),
        ("MODEL = Modell()\n", "models/sma.py: cannot be imported: NameError"),
    ],
)
def test_a_faulty_module_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, told: str
) -> None:
    (tmp_path / "sma.py").write_text(text, encoding="utf-8")
    monkeypatch.setattr(models, "__path__", [*models.__path__, str(tmp_path)])
    monkeypatch.delitem(sys.modules, f"{models.__name__}.sma", raising=False)
    with pytest.raises(ValidityError) as caught:
        models._find_models()
    assert told in caught.value.en
    sys.modules.pop(f"{models.__name__}.sma", None)


def test_the_command_tells_it_as_bad_input(tmp_path: Path) -> None:
    shutil.copytree(
        CHECKOUT / "planner", tmp_path / "planner", ignore=shutil.ignore_patterns("__pycache__")
    )
    uma = (tmp_path / "planner" / "radio" / "models" / "uma.py").read_text(encoding="utf-8")
    mistaken = uma.replace('name="UMa"', 'name="SMa"').replace("13.54, 39.08", "13.54, 0.0")
    (tmp_path / "planner" / "radio" / "models" / "sma.py").write_text(mistaken, encoding="utf-8")

    done = subprocess.run(
        [sys.executable, "-m", "planner", "schema"],
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
        check=False,
        env={**os.environ, "PYTHONPATH": str(tmp_path), "PYTHONIOENCODING": "utf-8"},
    )
    assert done.returncode == 2, done.stderr
    assert "models/sma.py: the loss without line of sight must be greater" in done.stderr
    assert "models/sma.py:非视距损耗须为随距离增大的值" in done.stderr
    assert "Traceback" not in done.stderr
