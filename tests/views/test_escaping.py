"""Text is inert wherever Folium may put it."""

import json

import pytest
from made_up_run import HOSTILE

from ems_twin.views.escape import escape_ten, json_block


def test_ten_characters_go_and_no_other():
    assert escape_ten("&<>\"'`$\\{}") == "&amp;&lt;&gt;&quot;&#39;&#96;&#36;&#92;&#123;&#125;"
    assert escape_ten("São José · 9 – ñ") == "São José · 9 – ñ"


@pytest.mark.parametrize("payload", HOSTILE)
def test_no_active_character_is_left(payload):
    assert not set(escape_ten(payload)) & set("<>\"'`$\\{}")


@pytest.mark.parametrize("payload", [*HOSTILE, "<!-- <script>", "\u2028"])
def test_json_in_a_script_element_reads_back_and_cannot_end_it(payload):
    block = json_block({"name": payload})
    assert "<" not in block
    assert json.loads(block) == {"name": payload}


def test_json_refuses_what_browsers_do_not_read():
    with pytest.raises(ValueError, match="JSON"):
        json_block({"x": float("nan")})
