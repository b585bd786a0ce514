"""What a county does without, alone and with other parts."""

from __future__ import annotations

from tests.layers.plants.county import in_scenario

in_scenario("no_manifest", inputs={"manifest": ""})
in_scenario("no_manifest", inputs={"manifest": "", "towns": ""})
in_scenario("no_manifest", inputs={"manifest": "", "population": [], "sites": ""})
in_scenario("people_by_town_only", inputs={"population": ""})
in_scenario("people_by_town_only", inputs={"population": []})
in_scenario("people_by_town_only", inputs={"population": "", "landmarks": ""})
in_scenario("one_town", inputs={"towns": ""})
in_scenario("one_town", inputs={"towns": [], "town_areas": ""})
in_scenario("one_town", inputs={"towns": "", "streets": ""})
in_scenario("no_sensitive_places", inputs={"landmarks": ""})
in_scenario("no_sensitive_places", inputs={"landmarks": []})
in_scenario("no_sensitive_places", inputs={"landmarks": "", "water": ""})
in_scenario("no_streets", inputs={"streets": ""})
in_scenario("no_streets", inputs={"streets": [], "candidates": ""})
in_scenario("no_streets", inputs={"streets": "", "roads": ""})
in_scenario("land_is_the_layer", inputs={"areas": "", "roads": ""})
in_scenario("land_is_the_layer", inputs={"areas": [], "roads": [], "water": ""})
in_scenario("land_is_the_layer", inputs={"areas": "", "roads": "", "sites": "", "streets": ""})
