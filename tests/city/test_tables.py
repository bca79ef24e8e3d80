import pytest

from ems_twin.city import load_city, save_city
from ems_twin.city.sample import grid_city
from ems_twin.errors import CityError
from ems_twin.faults import ModelError

STATIONS = "id,name,lon,lat,units,kind\n"
HOSPITALS = "id,name,lon,lat,beds,bays\n"


@pytest.fixture
def bundle(tmp_path):
    return save_city(grid_city(4, 5), tmp_path / "grid")


def complaint(bundle, file, text):
    (bundle / file).write_text(text, encoding="utf-8")
    with pytest.raises(CityError) as caught:
        load_city(bundle)
    assert file in str(caught.value)
    assert caught.value.remedy
    return caught.value


@pytest.mark.parametrize(
    ("row", "field", "problem"),
    [
        ("a,A,east,45,1,station", "lon", "'east' is not a number"),
        ("a,A,9.0,95,1,station", "lat", "95 is not between -90 and 90"),
        ("a,A,nan,45,1,station", "lon", "nan is not between"),
        ("a,A,9.0,45,1.5,station", "units", "1.5 is not a whole number"),
        ("a,A,9.0,45,-1,station", "units", "-1 is not between"),
        ("a,A,9.0,45,,station", "units", "the cell is empty"),
        (",A,9.0,45,1,station", "id", "the cell is empty"),
        ("a,A,9.0,45,1,pub", "kind", "'pub' is neither"),
        ("a,A,9.0", "lat", "the cell is empty"),
        ("ok,A,9.0,45,1,station", "id", "'ok' is already the id of row 1"),
    ],
)
def test_bad_station_rows(bundle, row, field, problem):
    error = complaint(bundle, "stations.csv", f"{STATIONS}ok,OK,9.0,45.0,1,station\n{row}\n")
    assert (error.row, error.field) == (2, field)
    assert problem in error.problem


def test_a_station_off_the_map_says_how_far(bundle):
    error = complaint(bundle, "stations.csv", f"{STATIONS}a,Swapped,45.0,9.0,1,station\n")
    assert error.row == 1
    assert "km from the nearest road" in error.problem
    assert "not swapped" in error.remedy
    error = complaint(bundle, "stations.csv", f"{STATIONS}a,Near,8.99,45.0,1,station\n")
    assert "788 m from the nearest road" in error.problem


def test_a_station_between_far_junctions_is_on_the_map(tmp_path):
    from ems_twin.city.sample import city_from_drawing

    bundle = save_city(city_from_drawing([(0, 0), (4000, 0)], [(0, 1), (1, 0)]), tmp_path / "road")
    (bundle / "stations.csv").write_text(f"{STATIONS}a,Middle,9.025,45.001,1,station\n")
    assert load_city(bundle).stations[0].name == "Middle"


def test_hospital_rows(bundle):
    error = complaint(bundle, "hospitals.csv", f"{HOSPITALS}a,A,9.0,45.0,100,0\n")
    assert (error.row, error.field) == (1, "bays")
    error = complaint(bundle, "hospitals.csv", f"{HOSPITALS}a,A,9.0,45.0,many,5\n")
    assert (error.row, error.field) == (1, "beds")


def test_whole_files(bundle):
    assert complaint(bundle, "stations.csv", "id,name,lon,lat\na,A,9,45\n").field == "units"
    (bundle / "stations.csv").write_text(f"{STATIONS}a,A,9.0,45.0,1,station\n")
    assert "no rows" in complaint(bundle, "hospitals.csv", HOSPITALS).problem
    (bundle / "hospitals.csv").unlink()
    with pytest.raises(CityError, match=r"the file is missing\. Add it with columns id, name, lon, lat, beds, bays"):
        load_city(bundle)
    (bundle / "hospitals.csv").write_bytes("id,name\n\xe9".encode("latin-1"))
    with pytest.raises(CityError, match="Save it as CSV in UTF-8"):
        load_city(bundle)


def test_a_spreadsheets_byte_order_mark_is_fine(bundle):
    (bundle / "stations.csv").write_text(f"{STATIONS}a,Ä,9.0,45.0,1,post\n", encoding="utf-8-sig")
    station = load_city(bundle).stations[0]
    assert (station.id, station.name, station.kind) == ("a", "Ä", "post")


def test_all_faults_of_both_files_are_one_error(bundle):
    (bundle / "stations.csv").write_text(f"{STATIONS}a,A,east,95,1.5,pub\n,B,9.0,45.0,1,post\na,C,9.0,45.0,1,post\n")
    (bundle / "hospitals.csv").write_text(f"{HOSPITALS}h,H,9.0,45.0,100,0\nh,H,9.0,45.0,,no\n")
    with pytest.raises(CityError) as caught:
        load_city(bundle)
    assert isinstance(caught.value, ModelError)
    found = [(fault.file.rpartition("/")[2], fault.row, fault.field) for fault in caught.value.faults]
    assert found == [
        ("stations.csv", 1, "lon"),
        ("stations.csv", 1, "lat"),
        ("stations.csv", 1, "kind"),
        ("stations.csv", 1, "units"),
        ("stations.csv", 2, "id"),
        ("stations.csv", 3, "id"),
        ("hospitals.csv", 1, "bays"),
        ("hospitals.csv", 2, "bays"),
        ("hospitals.csv", 2, "id"),
        ("hospitals.csv", 2, "beds"),
    ]
    assert str(caught.value).startswith("the city has 10 faults:\n  ")
    assert all(fault.remedy for fault in caught.value.faults)


def test_all_missing_columns_are_named(bundle):
    (bundle / "stations.csv").write_text("id,name,lat,lat\na,A,9,45\n")
    with pytest.raises(ModelError) as caught:
        load_city(bundle)
    assert [(fault.field, fault.problem) for fault in caught.value.faults] == [
        ("lon", "the column is missing"),
        ("units", "the column is missing"),
        ("lat", "the column comes twice"),
    ]
