"""A plan held against what follows from its own stations and layers: value, bound, every table."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from shapely.errors import ShapelyError

from planner import fields as F
from planner import optimise
from planner.errors import Notice, PlannerError, ProblemError, Said
from planner.groundwork import Stage, silent
from planner.layers import input_digests, read_layers
from planner.model import (
    OPTIONS,
    WARM_START,
    CoveredWeight,
    InputState,
    IntArray,
    Layers,
    Plan,
    Verification,
)
from planner.pipeline import build, to_plan
from planner.plan import RELATIVE, differences, order_findings, saved_order
from planner.plan.notices import NOTICES
from planner.problem import curve_counts, make_problem, unpacked
from planner.scenario import Scenario
from planner.schema import SchemaError
from planner.service import Before

_PROVENANCE: Final = "plan/provenance.json"
_OF_HIGHS: Final = frozenset({
    "provenance.json/objective_bound", "provenance.json/objective_gap",
    "provenance.json/sharing_price", "provenance.json/bound", "provenance.json/gap",
})  # fmt: skip
_OF_THE_CERTIFICATE: Final = _OF_HIGHS | {
    "provenance.json/phase_bound", "provenance.json/curve_bound", "curve.parquet/bound",
}  # fmt: skip

_NO_MODEL: Final = (
    SchemaError, LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RuntimeError,
    ShapelyError,
)  # fmt: skip
"""What layers come to that no reader would have let pass."""


def verify(plan: Plan, *, inputs: Path | None = None, stage: Stage = silent) -> Verification:
    """Work a plan out again from its own layers, stations and certificate; nothing is searched.

    The model is built again, and nothing that an earlier run kept is used for it; the order of the
    saved stations is held against it, and everything that follows is worked out anew: values,
    bounds and gaps, the order inside the phases, every column of every table, and the facts of the
    provenance. Where the input files are there, their hashes are compared, and when none has
    changed the layers are read from them again.

    Numbers are the same within :data:`planner.plan.differences.RELATIVE`, all else exactly. Not
    proven: how the plan was found (``steps, optimal, interrupted, versions``), the title block, the
    state of a version and the plan it was made from; layers whose input files are not there; of a
    plan that began from another, why its cells have the identities and root sequences that they
    have (how good these are is worked out again).

    Parameters
    ----------
    plan
        A plan, as a rule one that was loaded.
    inputs
        Project folder of the input files; without it they are not looked at.
    stage
        Told of the stages of :func:`planner.build` and :func:`planner.solve` but for the search.

    Returns
    -------
    Verification

    Raises
    ------
    planner.errors.PlannerError
        When no model can be built from the plan's layers and scenario any more.
    """
    states, findings, layers = _look_at_inputs(plan, inputs)
    try:
        model = build(plan.scenario, layers=layers, stage=stage, afresh=True)
    except PlannerError:
        raise
    except _NO_MODEL as error:
        # what a reader would have refused was put into the layers after they were read
        doubt = NOTICES.notice("no_model", file="plan/layers", why=repr(error))
        return Verification((*findings, doubt), states)
    order, refused = saved_order(plan, model)
    findings += refused
    if order is None:
        return Verification(tuple(findings), states)

    value = CoveredWeight.of(model.demand, model.coverage)
    problem = make_problem(model, value)
    findings += order_findings(problem, order, model.stations.table)
    certificate, doubts = _certificate(plan, problem)
    findings += doubts
    counts, warm = curve_counts(problem), plan.provenance.get("warm") is True
    result = optimise.appraise(problem, order, certificate, counts, warm=warm)
    unproven = _OF_THE_CERTIFICATE
    if certificate is not None:
        unproven, doubts = _proven_by_highs(plan, result)
        findings += doubts

    options = plan.provenance.get(OPTIONS)
    known = options if isinstance(options, Mapping) else None
    # what an earlier plan gave the cells is not here: of the plan's own it is seen how good it is
    before = Before(plan.cells, is_this=True) if WARM_START in (known or {}) else None
    again = to_plan(model, value, problem, result, options=known, before=before, stage=stage)
    findings += differences(plan, again, unproven)
    found = Verification(
        findings=tuple(findings),
        inputs=states,
        objective=result.objective,
        value=float(result.value.sum()),
    )
    if certificate is None:
        return found
    return dataclasses.replace(
        found,
        objective_bound=result.objective_bound,
        objective_gap=result.objective_gap,
        sharing_price=result.sharing_price,
        bound=result.bound,
        gap=result.gap,
        proof=_proof(problem, order, certificate),
    )


def proof_bytes(found: Verification) -> bytes:
    """The proof of a verification as an ``.npz`` file of plain arrays."""
    file, arrays = io.BytesIO(), dict[str, Any](found.proof)
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def _look_at_inputs(
    plan: Plan, root: Path | None
) -> tuple[dict[str, InputState], list[Notice], Layers]:
    """State of each input file, what of it refutes the plan, and the layers to work from.

    Those are read again when no file has changed, else they are the plan's own.
    """
    if root is None:
        return {}, [], plan.layers
    sources = plan.layers.sources
    stored = dict(zip(sources[F.FILE], sources[F.SHA256], strict=True))
    found = input_digests(root, sources)
    states: dict[str, InputState] = {
        name: "unchanged" if digest == stored[name] else "changed" if digest else "missing"
        for name, digest in found.items()
    }
    findings = [
        NOTICES.notice(
            "input_changed", file=str(root / name), stored=stored[name], again=found[name]
        )
        for name, state in states.items()
        if state == "changed"
    ]
    if any(state != "unchanged" for state in states.values()):
        return states, findings, plan.layers

    # the plan may hold more notices: what was found of the stations' state stands there too
    read = read_layers(
        Scenario.from_tree(plan.scenario.to_tree(), root=root),
        without_refused_rows=plan.layers.rows_left_out > 0,
    )
    findings += [
        NOTICES.notice(
            "finding_left_out", file="plan/layers/notices.json", said=Said(each.zh, each.en)
        )
        for each in read.notices
        if each not in plan.layers.notices
    ]
    return states, findings, dataclasses.replace(read, notices=plan.layers.notices)


def _certificate(
    plan: Plan, problem: optimise.Problem
) -> tuple[optimise.Certificate | None, list[Notice]]:
    """The certificate that a plan keeps, or why it proves nothing of the problem."""
    try:
        certificate = unpacked(plan.provenance.get("certificate") or {})
        optimise.verify(problem, certificate)
    except ProblemError as error:
        doubt = NOTICES.notice(
            "certificate_refused", file=_PROVENANCE, why=Said(error.zh, error.en)
        )
        return None, [doubt]
    return certificate, []


def _proven_by_highs(plan: Plan, result: optimise.Result) -> tuple[frozenset[str], list[Notice]]:
    """What of a plan that asked for the optimum HiGHS alone proves, and that it does.

    Only HiGHS proves a lower bound than the certificate's.
    """
    proven = {
        "objective_bound": (result.objective, result.objective_bound),
        "bound": (float(result.value.sum()), result.bound),
    }
    doubts = []
    for name, (value, again) in proven.items():
        stored = plan.provenance.get(name)
        is_lower = isinstance(stored, float) and value <= stored < again * (1 - RELATIVE)
        if plan.scenario.search.effort == "exact" and is_lower:
            doubts.append(
                NOTICES.notice(
                    "bound_has_no_certificate",
                    file=_PROVENANCE,
                    column=name,
                    what=name,
                    stored=stored,
                    again=again,
                )
            )
    return _OF_HIGHS if doubts else frozenset(), doubts


def _proof(
    problem: optimise.Problem, order: IntArray, certificate: optimise.Certificate
) -> dict[str, npt.NDArray[Any]]:
    """Whole numbers of a problem, the class of each free column in the order, and a certificate."""
    return optimise.Whole.of(problem).proof(order, certificate)
