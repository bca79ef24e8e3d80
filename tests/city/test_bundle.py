import numpy as np
import pytest

from ems_twin.city import find_city, list_cities, load_city, save_city
from ems_twin.city.roads import RoadNetwork
from ems_twin.city.sample import grid_city
from ems_twin.errors import CityError


@pytest.fixture
def bundle(tmp_path):
    return save_city(grid_city(4, 5, name="grid"), tmp_path / "grid")


def rewrite_arrays(bundle, **changes):
    with np.load(bundle / "roads.npz") as file:
        arrays = {name: file[name] for name in file.files}
    for name, value in changes.items():
        if value is None:
            del arrays[name]
        else:
            arrays[name] = value
    np.savez_compressed(bundle / "roads.npz", **arrays)


def test_round_trip_keeps_everything(tmp_path):
    city = grid_city(4, 5, stations=((0, 0), (1, 2)), hospitals=((3, 3),), units_per_station=3)
    back = load_city(save_city(city, tmp_path / "grid"))
    for name in RoadNetwork.__dataclass_fields__:
        np.testing.assert_array_equal(getattr(back.roads, name), getattr(city.roads, name))
    assert back.stations == city.stations
    assert back.hospitals == city.hospitals
    assert back.content_hash == city.content_hash
    assert back.target_s == city.target_s
    assert back.directory == (tmp_path / "grid").resolve()


def test_saving_twice_gives_the_same_bytes(tmp_path):
    a, b = (save_city(grid_city(3, 3), tmp_path / name) for name in "ab")
    for file in sorted(path.name for path in a.iterdir()):
        assert (a / file).read_bytes() == (b / file).read_bytes()


def test_saving_over_a_bundle_keeps_its_other_files_and_drops_old_labels(bundle):
    (bundle / "demand").mkdir()
    (bundle / "demand" / "rates.csv").write_text("1")
    (bundle / "SOURCE.md").write_text("by hand")
    (bundle / "labels-0123456789abcdef.npz").write_text("old")
    save_city(grid_city(3, 3, name="grid"), bundle)
    assert load_city(bundle).roads.n_nodes == 9
    assert (bundle / "demand" / "rates.csv").read_text() == "1"
    assert (bundle / "SOURCE.md").read_text() == "by hand"
    assert not list(bundle.glob("labels-*"))
    assert [path.name for path in bundle.parent.iterdir()] == ["grid"]


def test_a_failed_save_leaves_the_old_bundle_and_no_litter(bundle, monkeypatch):
    before = {path.name: path.read_bytes() for path in bundle.iterdir()}

    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez_compressed", full)
    with pytest.raises(CityError, match=r"cannot be written .No space left on device"):
        save_city(grid_city(3, 3), bundle)
    assert {path.name: path.read_bytes() for path in bundle.iterdir()} == before
    assert [path.name for path in bundle.parent.iterdir()] == ["grid"]


def test_output_that_cannot_be_written(tmp_path):
    file = tmp_path / "file"
    file.write_text("")
    with pytest.raises(CityError, match="is a file, not a folder"):
        save_city(grid_city(2, 2), file)
    with pytest.raises(CityError, match="cannot be written"):
        save_city(grid_city(2, 2), file / "below")
    other = tmp_path / "other"
    other.mkdir()
    (other / "thesis.txt").write_text("mine")
    with pytest.raises(CityError, match="holds other things"):
        save_city(grid_city(2, 2), other)


def test_names_are_looked_up_in_the_working_folder_first(tmp_path, monkeypatch):
    save_city(grid_city(2, 2, name="gridville"), tmp_path / "maps" / "gridville")
    monkeypatch.chdir(tmp_path)
    assert load_city("gridville").name == "gridville"
    assert "gridville" in list_cities()
    assert {"manhattan", "coquimbo"} <= set(list_cities())
    assert find_city(tmp_path / "maps" / "gridville") == tmp_path / "maps" / "gridville"


def test_an_unknown_name_gets_near_ones():
    with pytest.raises(CityError, match=r"there is no city 'manhatan'. Did you mean manhattan\?$"):
        load_city("manhatan")
    with pytest.raises(CityError, match=r"Known cities: .*coquimbo"):
        load_city("zzzz")


def test_a_folder_without_a_bundle(tmp_path):
    with pytest.raises(CityError, match=r"has no city\.toml"):
        load_city(tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("format = 1", "format = 9", "field 'format': this version reads bundles of format 1, not 9"),
        ('title = "Grid"', "", "field 'title': is missing"),
        ('timezone = "UTC"', 'timezone = "Mars/Base"', "field 'timezone': there is no time zone 'Mars/Base'"),
        ("sirens_factor = 1.3", "sirens_factor = -1", "field 'sirens_factor': -1 is not a number above 0"),
        ("target_s = [480.0]", 'target_s = ["soon"]', "field 'target_s'"),
        ("[sources]", "[sources]\nroads = 3", "field 'sources'"),
        ("EPSG:32632", "EPSG:3857", "field 'crs': 'EPSG:3857' is not a UTM zone"),
        ("[sources]", "[sources", "city.toml: cannot be read"),
    ],
)
def test_bad_city_toml(bundle, old, new, message):
    file = bundle / "city.toml"
    file.write_text(file.read_text().replace(old, new))
    with pytest.raises(CityError) as caught:
        load_city(bundle)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"head": None}, "field 'head': the array is missing"),
        ({"lat": np.zeros(3)}, "field 'lat': has 3 entries, 20 are expected"),
        ({"length_m": np.zeros((2, 2))}, "field 'length_m': is a 2-d array"),
        ({"head": np.zeros(62)}, "field 'head': is a 1-d array of float64"),
        ({"head": np.full(62, 99, np.int32)}, "field 'head': an entry is not in 0..19"),
        ({"head": np.zeros(62, np.int32)}, "not connected: 19 of 20 nodes cannot be driven to and from"),
        ({"first_out": np.zeros(21, np.int32)}, "field 'first_out': offsets do not rise from 0 to 62"),
        ({"speed_mps": np.r_[1.0, 0.0, np.ones(60)]}, "row 2, field 'speed_mps': is not a number above 0"),
        ({"length_m": np.r_[np.nan, np.ones(61)]}, "row 1, field 'length_m'"),
        ({"lon": np.full(20, 999.0)}, "field 'lon': an entry is not within ±180 degrees"),
    ],
)
def test_bad_roads(bundle, changes, message):
    rewrite_arrays(bundle, **changes)
    with pytest.raises(CityError) as caught:
        load_city(bundle)
    assert message in str(caught.value)
    assert "roads.npz" in str(caught.value)
    assert "ems-twin city build" in str(caught.value)


def test_missing_and_broken_files(bundle):
    (bundle / "roads.npz").write_bytes(b"PK no zip")
    with pytest.raises(CityError, match=r"roads.npz: cannot be read"):
        load_city(bundle)
    (bundle / "roads.npz").unlink()
    with pytest.raises(CityError, match=r"roads.npz: the file is missing"):
        load_city(bundle)


def test_pickled_arrays_are_refused(bundle):
    rewrite_arrays(bundle, lon=np.array([{"a": 1}] * 20, dtype=object))
    with pytest.raises(CityError, match="cannot be read"):
        load_city(bundle)


def test_hash_follows_speeds_and_not_names():
    a, b = grid_city(3, 3), grid_city(3, 3, speed_kmh=40)
    assert a.content_hash != b.content_hash
    assert a.content_hash == grid_city(3, 3, name="other").content_hash
    assert len(a.content_hash) == 16
