"""The crosswalk of statuses and times, in both directions, against the table of the standards."""

import pytest

from ems_twin.demand import NEMSIS_TIMES
from ems_twin.feeds import Primary, Times, UnitStatus
from ems_twin.feeds.codecs.socrata import FEEDS
from ems_twin.feeds.statuses import (
    CROSSINGS,
    EIDO_SECONDARY,
    TIMES,
    from_eido,
    from_position_status,
    from_resource_status,
    to_eido,
    to_position_status,
    to_resource_status,
)

# Canonical, EIDO secondary, RS-SR, GEO-POS, NEMSIS, San Francisco, New York.
TABLE = [
    ("notified", "Dispatched", "DECLENCHE", "ALERTEE", "eTimes.03", "dispatch_dttm", "first_assignment_datetime"),
    ("acknowledged", "AcknowledgedTransmission", None, None, "eTimes.04", None, None),
    ("en_route", "EnRoute", "DEPART", "PARTIE", "eTimes.05", "response_dttm", "first_activation_datetime"),
    ("staged", "Staging", None, None, "eTimes.17", None, None),
    ("on_scene", "OnScene", "ARRIVEE", "ARRIVEE_LIEU", "eTimes.06", "on_scene_dttm", "first_on_scene_datetime"),
    ("at_patient", "PatientContact", "PEC", None, "eTimes.07", None, None),
    (
        "left_scene", "Transporting", "TRANSP", "TRANSPORT_DESTINATION", "eTimes.09", "transport_dttm",
        "first_to_hosp_datetime",
    ),
    (
        "at_hospital", "Arrived Hospital", "DESTIN", "ARRIVEE_DESTINATION", "eTimes.11", "hospital_dttm",
        "first_hosp_arrival_datetime",
    ),
    ("transfer", None, "FINPEC", "FIN_MED", "eTimes.12", None, None),
    (
        "back_in_service", "InService", "RETOUR", "RETOUR_DISPONIBLE", "eTimes.13", "available_dttm",
        "incident_close_datetime",
    ),
    ("cancelled", "AssignmentCancelled", "ANNULE", None, "eTimes.14", None, None),
    ("at_station", "Station", "REN-BASE", "ARRIVEE_CENTRE", "eTimes.15", None, None),
    ("completed", "Cleared", None, None, "eTimes.16", None, None),
]  # fmt: skip


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row[0])
def test_a_row_of_the_table_holds_in_both_directions(row):
    name, eido, resource, position, nemsis, san_francisco, new_york = row
    status = UnitStatus(name)
    assert " ".join(to_eido(status)[1]) == (eido or "")
    assert to_resource_status(status) == resource
    assert to_position_status(status) == position
    if eido is not None:
        assert from_eido(eido.split()) is status
    if resource is not None:
        assert from_resource_status(resource) is status
    if position is not None:
        assert from_position_status(position) is status
    (time,) = [time for time in TIMES if time.status is status]
    assert (time.nemsis, time.san_francisco, time.new_york) == (nemsis, san_francisco, new_york)


def test_every_word_means_one_status():
    for words in (
        [w for row in CROSSINGS for w in row.resource_status],
        [w for row in CROSSINGS for w in row.position],
    ):
        assert len(words) == len(set(words))
    sets = [words for row in CROSSINGS for words in row.eido]
    assert len(sets) == len(set(sets))
    assert all(word.lower() in EIDO_SECONDARY for words in sets for word in words)
    assert {row.status for row in CROSSINGS} == set(UnitStatus)


def test_every_set_of_eido_words_is_read_as_the_row_it_stands_in():
    for row in CROSSINGS:
        for words in row.eido:
            assert from_eido(words) is row.status, words


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["Assigned", "EnRoute"], "en_route"),
        (["InService", "EnRoute"], "en_route"),
        (["Transporting", "Hospital", "InService"], "left_scene"),
        (["Hospital", "Arrived"], "at_hospital"),
        (["CoveringAlternateArea", "EnRoute", "Delayed"], "relocating"),
        (["CoveringAlternateArea"], "at_station"),
        (["InService", "Station"], "at_station"),
        (["OffDuty", "Station"], "off_duty"),
        (["Training"], None),
        ([], None),
    ],
)
def test_of_several_words_the_one_that_says_most_counts(words, status):
    assert from_eido(words) == (None if status is None else UnitStatus(status))


def test_what_cannot_be_sent_is_not_available():
    assert to_eido(UnitStatus.en_route)[0] is Primary.not_available
    assert to_eido(UnitStatus.back_in_service)[0] is Primary.available


def test_the_times_are_those_of_nemsis_under_the_names_of_the_house():
    assert [row.nemsis for row in TIMES] == [f"eTimes.{number:02d}" for number in range(1, 18)]
    assert {row.name for row in TIMES} == set(Times.model_fields)
    assert set(NEMSIS_TIMES) <= set(Times.model_fields)


def test_the_importer_of_past_calls_knows_the_same_columns():
    """The columns stand in two tables for two purposes; they may not part."""
    names = {"san-francisco": "san_francisco", "new-york": "new_york"}
    for feed, side in names.items():
        for row in TIMES:
            column = getattr(row, side)
            if column is not None:
                field = "time" if row.name == "received" else row.name
                assert column in FEEDS[feed].columns[field], (feed, row.name)
