"""What is left amiss in identities and root sequences, to be said where a plan is shown."""

from __future__ import annotations

from collections.abc import Iterator

from planner import fields as F
from planner.errors import Notice
from planner.model import Plan
from planner.plan.notices import NOTICES


def identity_doubts(plan: Plan) -> Iterator[Notice]:
    """Carriers whose cells clash, whose codes come again too near, or whose shifts are too short.

    Yields
    ------
    Notice
        With how many pairs clash and the first of them by name, or the least distance reached.
    """
    keep_m = plan.scenario.identity.keep_m
    labels = {network.name: network.label for network in plan.scenario.networks}
    for row in plan.carriers.to_dict("records"):
        network, band = row[F.NETWORK], row[F.BAND]
        label = labels[network]
        clashing = (F.PCI_COLLISIONS, F.PCI_CONFUSIONS, F.ROOT_COLLISIONS, F.ROOT_CONFUSIONS)
        if any(row[name] for name in clashing):
            yield NOTICES.notice(
                "identities_clash",
                label=label,
                network=network,
                band=band,
                first=row[F.PCI_COLLISIONS],
                second=row[F.PCI_CONFUSIONS],
                root_first=row[F.ROOT_COLLISIONS],
                root_second=row[F.ROOT_CONFUSIONS],
                clashes=row[F.CLASHES],
            )
        for name in (F.PCI_REUSE_M, F.ROOT_REUSE_M):
            if row[name] <= keep_m:
                yield NOTICES.notice(
                    "identities_near/pci" if name == F.PCI_REUSE_M else "identities_near/root",
                    label=label,
                    network=network,
                    band=band,
                    least=f"{row[name]:.0f}",
                    keep=f"{keep_m:g}",
                )
        if row[F.TOO_WIDE]:
            yield NOTICES.notice(
                "cells_too_wide",
                label=label,
                network=network,
                band=band,
                count=row[F.TOO_WIDE],
                length=row[F.PRACH_LENGTH],
            )
