"""The file that names the sources: read whole, or refused with all its faults at once."""

import pytest

from ems_twin.errors import InputError
from ems_twin.feeds.extras import needs
from ems_twin.feeds.sources import SourcesError, build, read_sources, sources_from
from ems_twin.feeds.sources.settings import KINDS

CODECS = ("eido", "owntracks", "socrata")

GOOD = """
[twin]
city = "manhattan"

[[source]]
name = "cad"
kind = "webhook"
codec = "eido"
secret_env = "CAD_SECRET"
area = [-74.1, 40.6, -73.8, 40.9]
silent_after_s = 120

[[source]]
name = "calls"
kind = "poll"
codec = "socrata"
url = "https://data.example.org/resource/abcd.json"
token_env = "APP_TOKEN"
token_header = "X-App-Token"
params = { "$where" = ":updated_at > '{since}'", "$order" = ":updated_at" }

[[source]]
name = "avl"
kind = "mqtt"
codec = "owntracks"
url = "mqtts://broker.example.org"
topics = ["owntracks/#"]

[[source]]
name = "bus"
kind = "nats"
codec = "eido"
url = "nats://127.0.0.1:4222"
stream = "EMS"
subjects = ["cad.>"]

[[source]]
name = "centre"
kind = "websocket"
codec = "eido"
url = "wss://centre.example.org/eido"

[[source]]
name = "yesterday"
kind = "replay"
codec = "eido"
path = "day.jsonl"
speed = 60
"""
ENVIRON = {"CAD_SECRET": "x" * 32, "APP_TOKEN": "t"}


def test_every_kind_is_read_and_built(tmp_path):
    (tmp_path / "day.jsonl").write_text("")
    file = tmp_path / "city.toml"
    file.write_text(GOOD)
    sources = read_sources(file, ENVIRON, CODECS)
    assert {source.kind for source in sources} == set(KINDS)
    built = {source.name: build(source, ENVIRON, tmp_path) for source in sources}
    assert [name for name, source in built.items() if source is None] == ["cad"]
    assert built["yesterday"].path == tmp_path / "day.jsonl"


def test_all_faults_are_told_at_once_with_path_and_remedy(tmp_path):
    file = tmp_path / "city.toml"
    file.write_text(
        """
        [[source]]
        name = "CAD"
        kind = "webhook"
        codec = "eido"
        secret = "not here"

        [[source]]
        name = "cad"
        kind = "webhook"
        codec = "eidos"
        secret_env = "NOT_SET"
        area = [10, 40, 5, 41]
        timezone = "Europe/Nowhere"

        [[source]]
        name = "cad"
        kind = "replay"
        codec = "eido"
        path = "none.jsonl"

        [[source]]
        name = "avl"
        kind = "mqtt"
        codec = "owntracks"
        url = "http://broker"
        topic = "x"

        [[source]]
        name = "pigeon"
        kind = "pigeon"
        """
    )
    with pytest.raises(SourcesError) as caught:
        read_sources(file, {}, CODECS)
    told = {(fault.field, fault.problem) for fault in caught.value.faults}
    fields = {field for field, _ in told}
    assert fields == {
        "source[0].secret", "source[0].name", "source[1].codec", "source[1].secret_env", "source[1].area",
        "source[1].timezone", "source[2].name", "source[2].path", "source[3].url", "source[3].topics",
        "source[3].topic", "source[4].kind",
    }  # fmt: skip
    assert all(fault.remedy and fault.file == str(file) for fault in caught.value.faults)
    assert "not here" not in str(caught.value)  # a secret in the file is not repeated
    assert ("source[1].secret_env", "the environment variable NOT_SET is not set") in told


@pytest.mark.parametrize(
    ("text", "problem"),
    [("[[source]", "is not TOML"), ("source = 3", "is no list of tables"), (b"\xff\xfe", "cannot be read")],
)
def test_a_file_that_is_no_such_file_is_told(tmp_path, text, problem):
    file = tmp_path / "city.toml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(SourcesError, match=problem):
        read_sources(file, {}, CODECS)


def test_a_secret_that_is_easily_guessed_is_refused_and_not_repeated():
    table = {"name": "cad", "kind": "webhook", "codec": "eido", "secret_env": "S"}
    with pytest.raises(SourcesError, match="shorter than 16 characters") as caught:
        sources_from([table], {"S": "hunter2"}, CODECS)
    assert "hunter2" not in str(caught.value)


def test_no_sources_are_no_fault():
    assert sources_from([], {}, CODECS) == ()


def test_a_password_in_a_url_is_refused_and_not_repeated():
    table = {
        "name": "a",
        "kind": "nats",
        "codec": "eido",
        "url": "nats://u:hunter2@h",
        "stream": "S",
        "subjects": ["x"],
    }
    with pytest.raises(SourcesError, match="password in its URL") as caught:
        sources_from([table], {}, CODECS)
    assert "hunter2" not in str(caught.value)


def test_a_package_that_is_missing_is_named_with_its_extra():
    with pytest.raises(InputError, match=r"no_such_thing.*ems-twin\[feeds\]"):
        needs("no_such_thing", "feeds", "listening")
