"""Names of users' own policies: registered in Python, in a file, or offered by a package; chosen as the built-in ones are."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest

from ems_twin.errors import InputError
from ems_twin.world import OwnPolicy, PolicyChoice, own_policy, register_policy
from ems_twin.world.own_policies import own_policy_names


def first(view: object, call: int) -> int:
    return 0


@pytest.fixture(autouse=True)
def _forgets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ems_twin.world.own_policies._REGISTERED", {})


def test_a_registered_policy_is_found_by_its_name() -> None:
    register_policy("first-unit", OwnPolicy(dispatch=first, base="dmexclp"))
    found = own_policy("first-unit")
    assert (found.dispatch, found.name, found.title) == (first, "first-unit", "first-unit")
    choice = PolicyChoice.named("first-unit", busy_share=0.5)
    assert choice.policies() == found
    assert choice.built_in == "dmexclp"
    assert (choice.objective, choice.travel_discount_per_min) == ("coverage", 0.0)  # as dmexclp has them
    assert PolicyChoice.named("home").policies() is None


def test_a_maker_takes_parameters_also_from_toml(tmp_path: Path) -> None:
    @register_policy("n-th")
    def n_th(n: int = 3) -> OwnPolicy:
        if n < 0:
            raise InputError(f"is {n}", field="n", remedy="It must be 0 or more.")
        return OwnPolicy(dispatch=lambda view, call: n)

    assert own_policy("n-th").dispatch(None, 0) == 3
    file = tmp_path / "policy.toml"
    file.write_text('policy = "n-th"\nbusy_share = 0.4\n[own]\nn = 5\n', encoding="utf-8")
    choice = PolicyChoice.from_toml(file)
    own = choice.policies()
    assert own is not None
    assert own.dispatch(None, 0) == 5
    for parameters, words in (
        ({"m": 1}, "does not take these parameters: got an unexpected keyword argument 'm'. It takes n"),
        ({"n": -1}, "field 'n': is -1"),
        ({"n": "x"}, "cannot be made: TypeError"),
    ):
        with pytest.raises(InputError) as caught:
            PolicyChoice.named("n-th", own=parameters)
        assert words in str(caught.value)
    with pytest.raises(InputError, match="It must be a table"):
        PolicyChoice.named("n-th", own=3)
    with pytest.raises(InputError, match="'home' is built in"):
        PolicyChoice.named("home", own={"n": 1})


def test_names_that_are_not_there_are_told_from_those_that_are() -> None:
    register_policy("first-unit", OwnPolicy(dispatch=first))
    assert own_policy_names() == ("first-unit",)
    with pytest.raises(InputError) as caught:
        PolicyChoice.named("frist-unit")
    text = str(caught.value)
    assert "is 'frist-unit'. Did you mean first-unit? There are home, " in text
    assert "zhang, first-unit." in text


@pytest.mark.parametrize(
    ("name", "words"), [("home", "is a built-in policy"), ("a b", "is no name"), ("", "is no name")]
)
def test_some_names_cannot_be_taken(name: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        register_policy(name, OwnPolicy())


def test_a_policy_of_nonsense_is_refused() -> None:
    with pytest.raises(InputError, match="field 'dispatch': is 3, which cannot be called"):
        OwnPolicy(dispatch=3)
    with pytest.raises(InputError, match="field 'base': is 'nearest'"):
        OwnPolicy(base="nearest")
    register_policy("wrong")(lambda: 7)  # type: ignore[arg-type, return-value]
    with pytest.raises(InputError, match="makes 7, which is no OwnPolicy"):
        own_policy("wrong")


def test_a_file_registers_its_policies(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text(
        "from ems_twin.policies import OwnPolicy, register_policy\n"
        "register_policy('everybody-first', OwnPolicy(dispatch=lambda view, call: 0))\n",
        encoding="utf-8",
    )
    assert PolicyChoice.named(f"{file}:everybody-first").policies() is not None
    assert own_policy(f"{file}:everybody-first").name == "everybody-first"  # the file is not run twice
    with pytest.raises(InputError, match="Did you mean everybody-first"):
        own_policy(f"{file}:everybody-frist")
    with pytest.raises(InputError, match="there is no such file"):
        own_policy(f"{tmp_path / 'none.py'}:x")
    broken = tmp_path / "broken.py"
    broken.write_text("1 / 0\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"broken\.py: its policies cannot be loaded: ZeroDivisionError"):
        own_policy(f"{broken}:x")


def offered() -> OwnPolicy:
    return OwnPolicy(dispatch=first)


def test_a_package_offers_policies(monkeypatch: pytest.MonkeyPatch) -> None:
    def points(*, group: str) -> Iterator[metadata.EntryPoint]:
        assert group == "ems_twin.policies"
        yield metadata.EntryPoint("offered", f"{__name__}:offered", group)
        yield metadata.EntryPoint("missing", "no_such_package:policy", group)

    monkeypatch.setattr(metadata, "entry_points", points)
    assert own_policy_names() == ("missing", "offered")
    assert own_policy("offered").dispatch is first
    with pytest.raises(InputError, match="'missing' cannot be loaded from 'no_such_package:policy'"):
        own_policy("missing")
