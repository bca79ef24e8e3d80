from __future__ import annotations

import pytest
from tiny_jemss import KEYS, config_text

from ems_twin.interop import JemssError, read_config
from ems_twin.interop.jemss_config import LARGEST_BYTES, DdsmParameters, find_config


def config_of(tmp_path, text: str):
    file = tmp_path / "sim_config.xml"
    file.write_text(text, encoding="utf-8")
    return read_config(file)


def faults_of(tmp_path, text: str) -> list[tuple[str, str]]:
    with pytest.raises(JemssError) as caught:
        config_of(tmp_path, text)
    assert all(fault.file == str(tmp_path / "sim_config.xml") for fault in caught.value.faults)
    assert all(fault.remedy for fault in caught.value.faults)
    return [(fault.field, fault.problem) for fault in caught.value.faults]


def test_paths_are_relative_to_the_file_and_to_the_input(tmp_path):
    config = config_of(
        tmp_path,
        config_text(
            {
                **KEYS,
                "statsControl": "$configFileDir/stats.csv",
                "travel": "..\\other\\travel.csv",
                "rNetTravels": "net_v$(VERSION).jls",
                "secret": "x",
            },
            more="<outputFiles><events>events.csv</events><strange>x</strange></outputFiles>",
        ),
    )
    assert config.input_dir == tmp_path / "input"
    assert config.sim_files["nodes"] == tmp_path / "input" / "nodes.csv"
    assert config.sim_files["statsControl"] == tmp_path.resolve() / "stats.csv"
    assert config.sim_files["travel"] == tmp_path / "input" / "../other/travel.csv"
    assert config.output_files == {"events": tmp_path / "output" / "events.csv"}
    assert "rNetTravels" not in config.sim_files
    assert [note.split(" ")[0] for note in config.notes] == ["JEMSS's", "simFiles/secret", "outputFiles/strange"]


def test_what_is_left_out_has_jemsss_defaults(tmp_path):
    config = config_of(tmp_path, config_text())
    assert (config.write_output, config.resim, config.events_filter) == (True, False, None)
    assert (config.module, config.module_file, config.busy_fraction, config.ddsm) == ("none", None, None, None)


def test_switches_and_the_filter_of_events(tmp_path):
    more = (
        "<writeOutput>false</writeOutput><resim>true</resim>"
        "<eventsFileFilter>[ambDispatched, ambReachesCall]</eventsFileFilter>"
    )
    config = config_of(tmp_path, config_text(more=more))
    assert (config.write_output, config.resim) == (False, True)
    assert config.events_filter == ("ambDispatched", "ambReachesCall")


@pytest.mark.parametrize(
    ("module", "element", "name"),
    [
        ("comp_table", "compTable", "filename"),
        ("multi_comp_table", "multiCompTable", "filename"),
        ("priority_list", "priorityList", "filename"),
        ("zhang_ip", "zhangIp", "paramsFilename"),
    ],
)
def test_modules_with_a_file(tmp_path, module, element, name):
    move_up = f"<module>{module}</module><{element}><{name}>a/b.csv</{name}></{element}>"
    config = config_of(tmp_path, config_text(move_up=move_up))
    assert (config.module, config.module_file) == (module, tmp_path / "input" / "a/b.csv")
    without = faults_of(tmp_path, config_text(move_up=f"<module>{module}</module>"))
    assert without == [(f"decision/moveUp/{element}/{name}", "the file is not named")]


def test_dmexclp(tmp_path):
    at = "decision/moveUp/dmexclp/busyFraction"
    config = config_of(
        tmp_path, config_text(move_up="<module>dmexclp</module><dmexclp><busyFraction>3/10</busyFraction></dmexclp>")
    )
    assert config.busy_fraction == 0.3
    missing = faults_of(tmp_path, config_text(move_up="<module>dmexclp</module>"))
    assert missing == [(at, "the busy fraction is missing")]
    high = "<module>dmexclp</module><dmexclp><busyFraction>3</busyFraction></dmexclp>"
    assert faults_of(tmp_path, config_text(move_up=high)) == [(at, "3 is not between 0 and 1")]


def test_ddsm(tmp_path):
    assert config_of(tmp_path, config_text(move_up="<module>ddsm</module>")).ddsm == DdsmParameters(
        0.5, 50, 1e9, (1, 3)
    )
    given = (
        "<module>ddsm</module><ddsm><coverFractionTargetT1>0.25</coverFractionTargetT1>"
        "<travelTimeCost>5.0</travelTimeCost><slackWeight>1e3</slackWeight>"
        "<coverTimeDemandPriorities>[medPriority, lowPriority]</coverTimeDemandPriorities>"
        '<options>[:solver => "glpk", :v => v"2"]</options></ddsm>'
    )
    config = config_of(tmp_path, config_text(move_up=given))
    assert config.ddsm == DdsmParameters(0.25, 5.0, 1000.0, (2, 3))
    assert "solvers" in config.notes[0]
    wrong = (
        "<module>ddsm</module><ddsm><coverFractionTargetT1>2</coverFractionTargetT1><slackWeight>-1</slackWeight>"
        "<travelTimeCost>run(1)</travelTimeCost>"
        "<coverTimeDemandPriorities>[lowPriority]</coverTimeDemandPriorities></ddsm>"
    )
    fields = {field for field, _ in faults_of(tmp_path, config_text(move_up=wrong))}
    names = ("coverFractionTargetT1", "slackWeight", "travelTimeCost", "coverTimeDemandPriorities")
    assert fields == {f"decision/moveUp/ddsm/{name}" for name in names}


@pytest.mark.parametrize(("module", "text"), [("temp1", "experiment"), ("lottery", "'lottery'"), ("", "''")])
def test_modules_that_cannot_be_run_are_refused_by_name(tmp_path, module, text):
    ((field, problem),) = faults_of(tmp_path, config_text(move_up=f"<module>{module}</module>"))
    assert field == "decision/moveUp/module"
    assert text in problem


def test_rules_that_jemss_does_not_have_are_refused_by_name(tmp_path):
    decision = (
        "<callQueueing>fifo</callQueueing><moveUp><module>none</module></moveUp>"
        "<dispatch>findNearestFreeAmbToCall!</dispatch>"
    )
    assert faults_of(tmp_path, config_text(decision=decision)) == [
        ("decision/callQueueing", "'fifo' is not a rule of JEMSS"),
        ("decision/dispatch", "'findNearestFreeAmbToCall!' is not a rule of JEMSS"),
    ]


def test_all_faults_of_a_configuration_at_once(tmp_path):
    keys = {key: name for key, name in KEYS.items() if key not in ("nodes", "calls")}
    found = faults_of(tmp_path, config_text({**keys, "map": "$jemssDir/map.csv"}, more="<resim>maybe</resim>"))
    assert found == [
        ("simFiles/map", "'$jemssDir' in '$jemssDir/map.csv' is not known here"),
        ("simFiles/nodes", "the file is not named"),
        ("simFiles/calls", "neither calls nor callGenConfig is named"),
        ("resim", "'maybe' is not a name that a cell may use"),
    ]


def test_calls_and_their_generation_exclude_each_other(tmp_path):
    found = faults_of(tmp_path, config_text({**KEYS, "callGenConfig": "gen_config.xml"}))
    assert found == [("simFiles/calls", "both calls and callGenConfig are named")]


def test_a_file_named_twice(tmp_path):
    text = config_text().replace("<nodes>", "<nodes>other.csv</nodes><nodes>")
    assert faults_of(tmp_path, text) == [("simFiles/nodes", "is named twice")]


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
OUTSIDE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (BOMB + "<simConfig>&b;</simConfig>", "declares a document type"),
        (OUTSIDE + "<simConfig>&a;</simConfig>", "declares a document type"),
        ('<!doctype x SYSTEM "x.dtd"><simConfig/>', "declares a document type"),
        ("<simConfig>&a;</simConfig>", "is not XML"),
        ("<simConfig>", "is not XML"),
        ("<genConfig/>", "root 'genConfig'"),
        ("", "is empty"),
        (f"<simConfig>{' ' * LARGEST_BYTES}</simConfig>", "is empty or has more than 1,000,000 bytes"),
    ],
)
def test_xml_that_is_not_read(tmp_path, text, problem):
    with pytest.raises(JemssError, match=problem):
        config_of(tmp_path, text)


def test_no_other_encoding_hides_a_document_type(tmp_path):
    file = tmp_path / "sim_config.xml"
    for encoding in ("utf-16", "utf-32"):
        file.write_bytes(
            (f'<?xml version="1.0" encoding="{encoding}"?>{BOMB}<simConfig>&b;</simConfig>').encode(encoding)
        )
        with pytest.raises(JemssError):
            read_config(file)
    file.write_bytes(b'<?xml version="1.0" encoding="utf-7"?>+ADwAIQ-DOCTYPE x+AD4-<simConfig/>')
    with pytest.raises(JemssError):
        read_config(file)


def test_the_configuration_is_found(tmp_path):
    with pytest.raises(JemssError, match="holds no sim_config"):
        find_config(tmp_path)
    with pytest.raises(JemssError, match="no such file or folder"):
        find_config(tmp_path / "nowhere")
    (tmp_path / "sim_config.xml").write_text(config_text(), encoding="utf-8")
    assert find_config(tmp_path) == tmp_path / "sim_config.xml"
    assert find_config(tmp_path / "sim_config.xml") == tmp_path / "sim_config.xml"
