from xml.etree import ElementTree

from bench.plot import Line, plot

SVG = "{http://www.w3.org/2000/svg}"


def test_ten_times_as_much_is_as_far_everywhere():
    drawn = ElementTree.fromstring(plot("Cost & count", [Line("flat <all>", [(10, 2.0), (100, 2.0), (1000, 20.0)])]))

    [path] = [each.get("d") for each in drawn.iter(f"{SVG}path") if each.get("fill") == "none"]
    points = [tuple(map(float, point.split())) for point in path.removeprefix("M").split(" L")]
    # From 10 to 1,000 across 500 pixels, from 1 to 100 up 380.
    assert points == [(60.0, 362.8), (310.0, 362.8), (560.0, 172.8)]
    assert drawn.find(f"{SVG}title").text == "Cost & count"
    assert "flat <all>" in [text.text for text in drawn.iter(f"{SVG}text")]
