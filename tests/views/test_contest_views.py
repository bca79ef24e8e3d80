"""Small parts of a comparison's report."""

from made_up_run import small_city

from ems_twin.city.hexagons import hex_grid
from ems_twin.views.contest_charts import change_chart, change_text, difference_text
from ems_twin.views.contest_map import limits_of, place_words


def test_figures_have_signs_and_no_negative_zero():
    assert change_text({"mean": -0.123, "low": -0.15, "high": 0.004}) == "−12.3 % (−15.0 to +0.4)"
    assert difference_text({"mean": -0.001, "low": -0.2, "high": 0.2}, 1) == "0.0 (−0.2 to +0.2)"
    assert change_text(None) == difference_text(None, 1) == "-"


def test_a_change_is_a_shape_of_its_own_by_what_is_known():
    def row(name, low, mean, high):
        return {"contender": name, "outcomes": {"late_share": {"relative": {"low": low, "mean": mean, "high": high}}}}

    baseline = {"contender": "home", "outcomes": {"late_share": {}}}
    chart = change_chart([baseline, row("a", -0.3, -0.2, -0.1), row("b", 0.1, 0.2, 0.3), row("c", -0.1, 0.0, 0.1)],
                         "late_share", "Late calls")  # fmt: skip
    assert [kind in chart for kind in ("dot better", "dot worse", "dot unclear")] == [True] * 3
    assert "home" not in chart
    assert change_chart([baseline], "late_share", "Late calls") == ""


def test_classes_of_the_map_are_round():
    assert limits_of(57.0) == [30.0, 60.0]
    assert limits_of(400.0) == [200.0, 400.0]
    assert limits_of(0.0) == [1.0, 2.0]


def test_a_cell_is_found_by_the_nearest_place():
    city = small_city()
    words = {place_words(city, cell) for cell in hex_grid(city.roads).cells}
    names = {place.name for place in (*city.stations, *city.hospitals)}
    assert all(any(text.endswith(name) for name in names) for text in words)
    assert any(text.startswith("at ") for text in words)
    assert any(" km north of " in text or " km south-" in text for text in words)
