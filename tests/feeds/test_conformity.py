"""What is written holds to the published schemas, as far as they are at hand."""

import json
import re

import jsonschema
import pytest
import yaml
from feeds_helpers import SHARED, needs_shared
from test_round_trips import ALERT, CALL, HEAD, HOSPITAL, POSITION, ROAD, unit

from ems_twin.feeds import UnitStatus, UnitStatusEvent, encode

pytestmark = [pytest.mark.shared, needs_shared]
UNIT, CASE = "fr.health.samu999.resource.VLM4", "fr.health.samu999.DR26"


def faults(document, schema) -> list[str]:
    found = jsonschema.Draft7Validator(schema).iter_errors(document)
    return [f"{list(fault.path)}: {fault.message}" for fault in found]


def schema_of(name: str) -> dict:
    return json.loads((SHARED / name).read_bytes())


@pytest.mark.parametrize("status", ["notified", "en_route", "on_scene", "left_scene", "transfer", "back_in_service"])
def test_rs_sr(status):
    message = json.loads(encode("hub-sante", [unit(UnitStatus(status), unit_id=UNIT, call_id=CASE)]))
    assert faults(message["resourcesStatus"], schema_of("hub_sante/RS-SR.schema.json")) == []


def test_geo_pos():
    state = UnitStatusEvent.make(**HEAD, unit_id=UNIT, status="en_route", primary="NotAvailable")
    message = json.loads(encode("hub-sante", [POSITION.model_copy(update={"unit_id": UNIT}), state]))
    assert faults(message["geoPositionsUpdate"], schema_of("hub_sante/GEO-POS.schema.json")) == []


def without_other_files(schema):
    """A schema without references to files that are not at hand."""
    if isinstance(schema, dict):
        if str(schema.get("$ref", "#")).startswith("#"):
            return {name: without_other_files(inner) for name, inner in schema.items()}
        return {}
    return [without_other_files(inner) for inner in schema] if isinstance(schema, list) else schema


@pytest.mark.parametrize("events", [[CALL], [unit(UnitStatus.transfer), POSITION], [CALL, unit(UnitStatus.en_route)]])
def test_eido(events):
    text = (SHARED / "eido/eido_openapi.yaml").read_text().replace("minItems: 1,", "minItems: 1")  # a slip in it
    parts = without_other_files(yaml.safe_load(text))["components"]
    schema = {"$ref": "#/components/schemas/EmergencyIncidentDataObjectType", "components": parts}
    assert faults(json.loads(encode("eido", events)), schema) == []


def test_words_of_eido_are_in_its_registries():
    registries = schema_of("eido/registries_extracted.json")
    known = {name: {row["code"] for row in rows} for name, rows in registries.items()}
    types = {row for name, codes in known.items() if name.startswith("Incident Type") for row in codes}
    for status in UnitStatus:
        eido = json.loads(encode("eido", [CALL, unit(status)]))
        (resource,) = eido["emergencyResourceComponent"]
        assert resource["primaryUnitStatusRegistryText"] in known["Primary Unit Status-Common"]
        assert set(resource["secondaryUnitStatusRegistryText"]) <= known["Secondary Unit Status-Common"]
        assert resource["emergencyResourceTypeCommonRegistryText"] in known["Emergency Resource Type-Common"]
        assert eido["incidentComponent"]["incidentTypeCommonRegistryText"] in types


def local_schema() -> dict:
    """The work zone schema without what it would fetch; geometry is left to GeoJSON."""
    road = json.dumps(schema_of("wzdx/schemas-4.2_RoadEventFeature.json"))
    return json.loads(re.sub(r'\{"\$ref": "https://[^"]*"\}', "{}", road))


def test_wzdx():
    (feature,) = json.loads(encode("wzdx", [ROAD]))["features"]
    feature["properties"].pop("event_status")  # of 4.1, which says whether an event is over; 4.2 does not
    found = faults(feature, local_schema())
    assert [fault for fault in found if not fault.startswith("['geometry']")] == []


def test_xml_opens_and_names_the_standard():
    assert b"urn:oasis:names:tc:emergency:cap:1.2" in encode("cap", [ALERT])
    assert b"urn:oasis:names:tc:emergency:edxl:have:2.0" in encode("edxl-have", [HOSPITAL])
