"""What stands in the way of demand."""

from __future__ import annotations

from typing import Final

from planner.errors import Catalogue, Kind

NOTICES: Final = Catalogue({
    "layer_without_place": Kind("E",
        ("图层 {label}（{layer}）没有任何需求点：境内没有类别为 {kinds} 的要素，"
         "或都小于一个网格"),
        ("layer {layer} holds no place of demand: no feature of kind {kinds} in the district, "
         "or all of them are smaller than a cell"),
        "请检查要素，或减小 demand.cell_m。", "Check the features, or make demand.cell_m smaller."),
    "residents_unknown": Kind("E",
        "图层 {layers} 要求按居民判定（rule.residents），但范围内没有人口数据",
        "rule.residents is asked of {layers}, but no resident is known inside",
        "请补充 inputs.population，或删去该图层的 rule.residents。",
        "Add them to inputs.population, or remove rule.residents from the layer.",
        column="layers"),
})  # fmt: skip
