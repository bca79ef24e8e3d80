"""Whatever a file holds, the reader answers with a model or with a JemssError."""

from __future__ import annotations

import re
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_jemss import DEMAND, DEMAND_KEYS, FILES, config_text, write_model

from ems_twin.interop import JemssError, demand_points, read_jemss

DMEXCLP = "<module>dmexclp</module><dmexclp><busyFraction>0.3</busyFraction></dmexclp>"
ALL = {**FILES, **DEMAND}
PARTS = re.compile(r"[^,\n]+|[,\n]")

odd = st.one_of(
    st.sampled_from(
        ["", "0", "-1", "1.5", "1e300", "9" * 30, "nan", "true", "[1 2]", '"', "'", "$x", "\r", ",", "\n\n"]
    ),
    st.text(max_size=6),
    st.integers(-10, 10).map(str),
)


def read_or_refuse(folder: Path) -> None:
    refused: list[JemssError] = []
    for largest_part in (False, True):
        try:
            demand_points(read_jemss(folder, largest_part=largest_part))
        except JemssError as error:
            refused.append(error)
    for error in refused:
        assert error.faults
        assert all(fault.file and fault.remedy for fault in error.faults)


@given(name=st.sampled_from(sorted(ALL)), at=st.integers(0, 500), text=odd)
@settings(max_examples=200, deadline=None)
def test_any_cell(tmp_path_factory, name, at, text):
    parts = PARTS.findall(ALL[name])
    parts[at % len(parts)] = text
    try:
        files = {**DEMAND, name: "".join(parts)}
        folder = write_model(tmp_path_factory.getbasetemp() / "any_cell", files, DEMAND_KEYS, move_up=DMEXCLP)
    except UnicodeEncodeError:  # half a surrogate pair is no text
        return
    read_or_refuse(folder)


@given(cut=st.integers(0, 1500), text=odd)
@settings(max_examples=100, deadline=None)
def test_any_configuration(tmp_path_factory, cut, text):
    folder = write_model(tmp_path_factory.getbasetemp() / "any_config", DEMAND)
    config = config_text(move_up=DMEXCLP)
    cut %= len(config)
    try:
        (folder / "sim_config.xml").write_text(config[:cut] + text + config[cut + 5 :], encoding="utf-8")
    except UnicodeEncodeError:
        return
    read_or_refuse(folder)
