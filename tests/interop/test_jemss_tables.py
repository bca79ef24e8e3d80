from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ems_twin.errors import InputError
from ems_twin.interop.jemss_columns import Columns
from ems_twin.interop.jemss_faults import Faults, JemssError
from ems_twin.interop.jemss_tables import need_table, read_tables


def tables_of(tmp_path: Path, text: str):
    file = tmp_path / "file.csv"
    file.write_bytes(text.encode("utf-8"))
    return read_tables(file)


def columns_of(tmp_path: Path, text: str) -> tuple[Columns, Faults]:
    faults = Faults()
    return Columns(next(iter(tables_of(tmp_path, text).values())), faults), faults


def test_several_tables_with_filler_mixed_line_ends_and_quotes(tmp_path):
    tables = tables_of(
        tmp_path,
        '\ufeff,,\r\n,\nfirst,2,3.0,a remark\r\na,b,c,,ignored\n1,"x, ""y""",3,9,9\r\n2,,\n,,\r\n\nsecond,,\nonly\n',
    )
    assert list(tables) == ["first", "second"]
    first = tables["first"]
    assert first.header == ("a", "b", "c")
    assert first.rows == (("1", 'x, "y"', "3"), ("2", "", ""))
    assert first.lines == (5, 6)
    assert tables["second"].n_rows == 0


def test_a_quoted_cell_may_hold_a_line_end(tmp_path):
    table = tables_of(tmp_path, 't\na,b\n1,"two\nlines"\n2,x\n')["t"]
    assert table.cells("b") == ["two\nlines", "x"]
    assert table.lines == (4, 5)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("t,3\na\n1\n2\n", "says '3' rows and has 2"),
        ("t,,2\na\n1\n", "says '2' columns and has 1"),
        ("t\na,b,a\n1,2,3\n", "column a twice"),
        ("t\na\n1\n\nt\na\n2\n", "table 't' comes twice"),
        ("t\n", "no header"),
        ('t\na\n"1\n', "is not CSV"),
        ('t\na\n"1"2\n', "is not CSV"),
    ],
)
def test_breaches_of_the_format_are_named(tmp_path, text, problem):
    with pytest.raises(JemssError, match=problem) as caught:
        tables_of(tmp_path, text)
    assert caught.value.file == str(tmp_path / "file.csv")
    assert caught.value.remedy


def test_a_missing_file_a_folder_and_a_binary_are_refused(tmp_path):
    with pytest.raises(JemssError, match="no such file"):
        read_tables(tmp_path / "none.csv")
    with pytest.raises(JemssError, match="no such file"):
        read_tables(tmp_path)
    (tmp_path / "binary.csv").write_bytes(b"\xff\xfe\x00t")
    with pytest.raises(JemssError, match="UTF-8"):
        read_tables(tmp_path / "binary.csv")


def test_a_missing_table_says_which_there_are(tmp_path):
    with pytest.raises(JemssError, match=r"'nodes' is missing \(it has t\)"):
        need_table(tables_of(tmp_path, "t\na\n1\n"), "nodes", tmp_path / "file.csv")


def test_numbers_may_be_floats_or_sums(tmp_path):
    columns, faults = columns_of(tmp_path, "t\nindex,v\n1.0,1e-3\n2,1/60/24\n3.0,-2.5\n")
    columns.index()
    assert np.allclose(columns.floats("v"), [1e-3, 1 / 60 / 24, -2.5], rtol=0, atol=0)
    assert columns.ints("index").tolist() == [1, 2, 3]
    assert not faults.found


@pytest.mark.parametrize("cell", ["", "x", "1_0", "nan", "inf", "Inf", "1e999", "٣", "true", "0x10", "1,5"])
def test_what_is_no_number_is_a_fault(tmp_path, cell):
    columns, faults = columns_of(tmp_path, f't\na,b\n1,"{cell}"\n')
    columns.floats("b")
    (fault,) = faults.found
    assert (fault.row, fault.field) == (1, "b")
    assert "line 3" in fault.problem


def test_whole_numbers_in_range(tmp_path):
    columns, faults = columns_of(tmp_path, "t\na\n1.5\n7\n1e300\n2\n")
    assert columns.ints("a", low=1, high=5)[3] == 2
    assert [fault.row for fault in faults.found] == [1, 3, 2]
    assert "not a whole number" in faults.found[0].problem


def test_booleans_and_priorities(tmp_path):
    columns, faults = columns_of(tmp_path, "t\na,p\ntrue,lowPriority\n0,highPriority\n1.0,medPriority\nyes,1\n")
    assert columns.bools("a").tolist() == [True, False, True, False]
    assert columns.priorities("p").tolist() == [3, 1, 2, 0]
    assert [(fault.row, fault.field) for fault in faults.found] == [(4, "a"), (4, "p")]


def test_attributes_are_json_objects(tmp_path):
    columns, faults = columns_of(tmp_path, 't\na,attributes\n1,{}\n2,\n3,"{""b"": 1}"\n4,[1]\n5,{b}\n')
    assert columns.attributes() == ("{}", "{}", '{"b": 1}', "{}", "{}")
    assert [fault.row for fault in faults.found] == [4, 5]


def test_a_missing_column_is_told_once_with_its_old_name(tmp_path):
    columns, faults = columns_of(tmp_path, "t\na\n1\n")
    columns.floats(columns.pick("transport", "transfer"))
    (fault,) = faults.found
    assert fault.field == "transport"
    assert "transfer" in fault.remedy
    assert columns.pick("b", "a") == "a"


def test_the_index_must_count(tmp_path):
    columns, faults = columns_of(tmp_path, "t\nindex\n1\n3\n3\n")
    columns.index()
    assert [fault.row for fault in faults.found] == [2]


def test_many_faults_are_one_error():
    faults = Faults()
    faults.raise_if_any()
    for row in range(1, 26):
        faults.add("is wrong", file="a.csv", row=row, field="x", remedy="Mend it.")
    with pytest.raises(JemssError) as caught:
        faults.raise_if_any()
    lines = str(caught.value).splitlines()
    assert lines[0] == "the JEMSS model has 25 faults:"
    assert lines[1] == "  a.csv, row 1, field 'x': is wrong. Mend it."
    assert len(lines) == 22
    assert lines[-1] == "  and 5 more."
    assert len(caught.value.faults) == 25


def test_one_fault_reads_like_any_input_error():
    error = JemssError([InputError("is wrong", file="a.csv", row=2, field="x", remedy="Mend it.")])
    assert str(error) == "a.csv, row 2, field 'x': is wrong. Mend it."
    assert (error.row, error.field) == (2, "x")


def test_attempts_gather_faults_and_go_on():
    faults = Faults()

    def fail() -> int:
        raise InputError("broken", file="b.csv")

    assert faults.attempt(lambda: 3) == 3
    assert faults.attempt(fail) is None
    assert [fault.file for fault in faults.found] == ["b.csv"]
