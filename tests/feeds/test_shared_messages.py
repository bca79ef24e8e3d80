"""Every public sample is read whole, and what it says in the standards that the twin speaks is written and read again."""

import pytest
from feeds_helpers import SHARED, content, needs_shared, take

from ems_twin.feeds import CODECS, encode
from ems_twin.feeds.registry import DEFECT

pytestmark = [pytest.mark.shared, needs_shared]

# File, codec, events, refusals.
EXPECTED = {
    "cap/cap_amber_alert_example.xml": ("cap", 1, 0),
    "edxl_have/HAVE.xml": ("edxl-have", 7, 0),
    "eido/sample_call_transfer_eido.json": ("eido", 1, 0),
    "fhir/derived_safr_Encounters.json": ("fhir", 1, 0),
    "fhir/derived_safr_Locations.json": ("fhir", 2, 0),
    "fhir/derived_safr_MeasureReport-BedCapacityMeasureReport.json": ("fhir", 1, 0),
    "fhir/r4_Encounter-emerg.json": ("fhir", 0, 1),
    "fhir/r4_Location-1.json": ("fhir", 1, 0),
    "fhir/saner_ConceptMap-HAvBED2toFHIR.json": ("fhir", 0, 1),
    "fhir/saner_MeasureReport-FHIR-461.json": ("fhir", 1, 0),
    "hub_sante/CU1_Geolocation.json": ("hub-sante", 4, 0),
    "hub_sante/CU2_Geolocation_01.json": ("hub-sante", 2, 0),
    "hub_sante/CU2_Geolocation_02.json": ("hub-sante", 2, 0),
    "hub_sante/RC-EDA-DouleurThoracique-PierreLegrand.json": ("hub-sante", 1, 0),
    "hub_sante/RS-EDA-SMUR_DouleurThoracique_PierreLegrand.01.json": ("hub-sante", 1, 0),
    "hub_sante/RS-RI_FemmeEnceinte_DelphineVigneau.03.json": ("hub-sante", 2, 0),
    "hub_sante/RS-RPIS_ArretCardiaque_CISUV2.01.json": ("hub-sante", 1, 0),
    "hub_sante/RS-SR_FemmeEnceinte_DelphineVIGNEAU.04.json": ("hub-sante", 1, 0),
    "hub_sante/RS-SR_FemmeEnceinte_DelphineVIGNEAU.07.json": ("hub-sante", 1, 0),
    "hub_sante/RS-SR_FemmeEnceinte_DelphineVIGNEAU.09.json": ("hub-sante", 1, 0),
    "nemsis/full_2025-EMS-3-MVC_v351.xml": ("nemsis", 13, 0),
    "socrata/171743725-B05.json": ("socrata", 3, 0),
    "socrata/171743725-E05.json": ("socrata", 5, 0),
    "wzdx/examples/DeviceFeed/arrow_board_ok_example.geojson": ("wzdx", 0, 1),
    "wzdx/examples/DeviceFeed/camera_error_example.geojson": ("wzdx", 0, 1),
    "wzdx/examples/WorkZoneFeed/scenario1_simple_linestring_example.geojson": ("wzdx", 5, 0),
    "wzdx/examples/WorkZoneFeed/scenario1_simple_multipoint_example.geojson": ("wzdx", 5, 0),
    "wzdx/examples/WorkZoneFeed/scenario2_laneshift_linestring_example.geojson": ("wzdx", 1, 0),
    "wzdx/examples/WorkZoneFeed/scenario3_shoulder_bidirectional_linestring_example.geojson": ("wzdx", 2, 0),
    "wzdx/examples/WorkZoneFeed/scenario4_detour_linestring_example.geojson": ("wzdx", 4, 0),
    "wzdx/examples/WorkZoneFeed/scenario5_recurring_linestring_example.geojson": ("wzdx", 4, 0),
    "wzdx/examples/WorkZoneFeed/scenario6_multi_lane_closure_linestring_example.geojson": ("wzdx", 1, 0),
    "wzdx/examples/WorkZoneFeed/scenario7_mobileoperation_linestring_example.geojson": ("wzdx", 2, 0),
    "wzdx/examples/WorkZoneFeed/scenario8_local_access_only_bidirectional_linestring_example.geojson": ("wzdx", 2, 0),
}
NO_MESSAGES = (".schema.json", ".xsd", ".yaml", "registries_extracted.json")


def test_no_sample_is_forgotten():
    there = {
        str(path.relative_to(SHARED))
        for path in SHARED.rglob("*")
        if path.is_file() and not path.name.endswith(NO_MESSAGES) and not path.name.startswith("schemas-")
    }
    assert there == set(EXPECTED)


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_sample_is_read(name):
    codec, events, refused = EXPECTED[name]
    decoded = take((SHARED / name).read_bytes())
    assert (decoded.codec, len(decoded.events), len(decoded.refused)) == (codec, events, refused)
    assert DEFECT not in str(decoded.refused)


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_sample_survives_the_standard_it_came_in(name):
    """As far as the standard is written: the same subjects with the same states come back."""
    decoded = take((SHARED / name).read_bytes())
    codec = CODECS[decoded.codec]
    events = [
        event for event in decoded.events
        if isinstance(event, codec.carries) and getattr(event, "status", "") not in (None, "actual")
    ]  # fmt: skip
    if codec.write is None or not events or (codec.name == "fhir" and not any(event.beds for event in events)):
        pytest.skip(f"{codec.name} says nothing of this that is written")
    if codec.name == "fhir":
        pytest.skip("kinds of beds of the predecessor have no code in US SAFR") if "saner" in name else None
        events = [event for event in events if event.ed_census is not None]
        if not events:
            pytest.skip("locations are written as nothing")
    again = take(encode(codec.name, events))
    assert again.refused == ()
    told = {(event.word, event.subject) for event in events}
    assert {(event.word, event.subject) for event in again.events} == told
    if codec.name in ("eido", "hub-sante"):
        assert [event.occurred_at for event in again.events] == [event.occurred_at for event in events]


def test_every_sample_goes_through_the_twins_own_form():
    for name in EXPECTED:
        events = take((SHARED / name).read_bytes()).events
        if events:
            again = take(encode("ems-twin", events)).events
            assert list(map(content, again)) == list(map(content, events)), name


def test_the_dropped_digit_of_the_rouen_unit_ends_in_quarantine():
    decoded = take((SHARED / "hub_sante/CU2_Geolocation_01.json").read_bytes(), area=(0.5, 49.0, 2.0, 50.0))
    assert [event.word for event in decoded.events] == ["unit_status"]
    (refusal,) = decoded.refused
    assert "outside the area at 9.465 1.097" in refusal.reason
    assert refusal.where == "geoPositionsUpdate.position[0].coord"
    assert take((SHARED / "hub_sante/CU2_Geolocation_02.json").read_bytes(), area=(0.5, 49.0, 2.0, 50.0)).refused == ()


def test_nothing_personal_of_the_samples_comes_out():
    known = (
        "Legrand", "Sophie", "Martin", "33678945612", "0612342536", "Bernard", "Tschofenig", "5554871445", "8195551212",
        "Schmeler", "Harry", "19174094876", "404122154", "WALLER", "KHAYRI", "Jean Jaur", "tjones", "Frederick",
        "solomon.sourcefeed", "10005104252a", "DRFR157502601301234.1",
    )  # fmt: skip
    for name in EXPECTED:
        text = str(take((SHARED / name).read_bytes()).to_dict())
        assert [word for word in known if word.lower() in text.lower()] == [], name
