"""What a scenario file may say: a city, a window of time, what is different in it, and the variants to compare.

Every section has a default, and a scenario that says nothing is the ordinary day. A variant says only what is
different in it: what it gives in a section takes the place of the same field of the scenario's section.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import Field, model_validator

from ...city.closures.spec import Lat, Lon
from .changes import Change, Strict

SCHEMA = "ems_twin what-if scenario, version 1"


class Window(Strict):
    """The time that is simulated, and the part of it that counts."""

    start: datetime
    """First instant, on the city's clock unless it has an offset."""
    hours: float = Field(gt=0, le=24 * 31)
    """Length, hours."""
    count_from: datetime | None = None
    """Calls received from then on are judged. Default: after six hours, in which units get busy and rooms fill."""
    count_to: datetime | None = None
    """Calls received until then are judged. Default: the end."""


class DemandSection(Strict):
    """What the city asks for."""

    calls: str | None = None
    """File of a real day's calls, as ``ems-twin simulate --calls`` reads them. Default: drawn from the city's demand."""
    factor: float = Field(default=1.0, ge=0.1, le=10)
    """Factor on the ordinary calls."""
    changes: tuple[Change, ...] = ()
    """What is different on this day."""


class RoadSection(Strict):
    """What the streets are like."""

    closures: str | dict[str, Any] | None = None
    """Closures: a file beside the scenario, or what such a file holds."""
    traffic: str | bool = False
    """Speeds by the hour of the week: true for the city's own, or a file."""
    accept_cut_off: bool = False
    """Whether closures may isolate stations or hospitals."""


class Spell(Strict):
    """A stretch of time."""

    start: datetime
    """Its begin, on the city's clock unless it has an offset."""
    end: datetime
    """Its end."""


class Post(Strict):
    """A temporary post: a place where units may stand."""

    id: str = Field(min_length=1, pattern=r"^[A-Za-z0-9_.\-]+$")
    """Short name, unlike that of any station."""
    name: str = ""
    """Name for people."""
    lon: Lon
    """Longitude, degrees."""
    lat: Lat
    """Latitude, degrees."""


class Crew(Strict):
    """Extra units."""

    id: str = Field(min_length=1, pattern=r"^[A-Za-z0-9 _.\-]+$")
    """Name, once a scenario."""
    count: int = Field(default=1, ge=1, le=500)
    """How many."""
    at: str
    """Id of the station or post that they are based at."""
    kind: Literal["ambulance", "first-responder", "bike"] = "ambulance"
    """Ambulances carry patients; first responders and bikes treat and wait for one that does. They move at the speeds of
    ambulances."""
    mutual_aid: bool = False
    """Whether they come from a neighbouring service: said in the report, and nothing else."""
    shifts: tuple[Spell, ...] = ()
    """When they are on duty. Default: always."""


class FirstAid(Strict):
    """A first-aid station: it treats patients of crowds, so that nobody calls an ambulance for them."""

    id: str = Field(min_length=1, pattern=r"^[A-Za-z0-9 _.\-]+$")
    """Name, once a scenario."""
    lon: Lon
    """Longitude, degrees."""
    lat: Lat
    """Latitude, degrees."""
    radius_m: float = Field(default=400.0, gt=0, le=3000)
    """How far around patients come or are brought to it, metres (assumed)."""
    treats_share: float = Field(default=0.9, ge=0, le=1)
    """Share of the patients there that it treats, of those who need no hospital (assumed)."""
    start: datetime | None = None
    """When it opens. Default: with the window."""
    end: datetime | None = None
    """When it closes. Default: with the window."""


class Withdrawn(Spell):
    """Units that are taken out of service for a time, such as those that an event keeps for itself."""

    count: int = Field(ge=1, le=500)
    """How many; those of the stations with most units go first."""


class ResourceSection(Strict):
    """Who serves."""

    units: int | None = Field(default=None, ge=1, le=5000)
    """Size of the fleet, spread as the city's. Default: the city's own."""
    fleet: str | None = None
    """Folder with the files of a fleet, instead: types, shifts and bases."""
    street_posts: int = Field(default=0, ge=0, le=500)
    """Street corners beside the stations where units may stand, placed where demand lacks a station."""
    placement: Literal["own", "ordinary", "event"] = "own"
    """Where units are based: as the city has them, or where a search finds best: for an ordinary day, or for this one."""
    placement_aim: Literal["mean", "late"] = "mean"
    """What that search minimises: the mean response, or late calls."""
    posts: tuple[Post, ...] = ()
    """Temporary posts."""
    crews: tuple[Crew, ...] = ()
    """Extra units."""
    first_aid: tuple[FirstAid, ...] = ()
    """First-aid stations for crowds."""
    withdrawn: tuple[Withdrawn, ...] = ()
    """Units out of service."""

    @model_validator(mode="after")
    def _agrees(self) -> ResourceSection:
        if self.fleet is not None and (self.units is not None or self.placement != "own"):
            raise ValueError("has a fleet from files and units or a placement; give one of them")
        return self


class Diversion(Spell):
    """A time in which a hospital asks ambulances to go elsewhere."""

    hospital: str
    """Its id."""


class HospitalSection(Strict):
    """What the emergency rooms are like, and how one is chosen."""

    bays_count: bool = False
    """Whether treatment bays are counted: patients stay in them, and others walk in."""
    occupancy: float | None = Field(default=None, gt=0, lt=1)
    """Share of the bays that is filled on average. Default: the city's."""
    bays: dict[str, int] = Field(default_factory=dict)
    """Treatment bays by hospital id, in place of the city's."""
    surge_beds: dict[str, int] = Field(default_factory=dict)
    """Extra treatment bays by hospital id."""
    diversions: tuple[Diversion, ...] = ()
    """Hospitals that are closed to ambulances for a time."""
    choice: Literal["nearest", "soonest"] = "nearest"
    """Which hospital: the nearest door, or where a bay is expected soonest (drive and wait)."""
    divert_above: float | None = Field(default=None, gt=0, le=10)
    """An emergency room diverts ambulances when this share of its bays is in use or waited for. A queue that holds a
    patient up for 30 min is 1.125 where stays are 4 h."""


class Knowledge(Strict):
    """What relocation is told about where calls will come."""

    of: Literal["ordinary", "event"] = "ordinary"
    """The ordinary demand, or also the changes of the day."""
    found: float = Field(default=1.0, ge=0, le=1)
    """Share of the extra calls that the forecast knows of; the rest it expects as usual."""
    late_min: float = Field(default=0.0, ge=-600, le=600)
    """Minutes by which it expects them too late."""
    apart_m: float = Field(default=0.0, ge=0, le=20_000)
    """Metres by which it expects them too far north-east."""


class Rollout(Strict):
    """Candidate moves tried in sampled futures before one is made."""

    futures: int = Field(default=60, ge=1, le=5000)
    """Most futures a candidate is tried in."""
    horizon_min: float = Field(default=60.0, gt=0, le=24 * 60)
    """Length of the futures, minutes."""
    every_min: float = Field(default=5.0, gt=0, le=240)
    """Least time between two rollouts, minutes."""
    candidates: int = Field(default=10, ge=1, le=100)
    """Moves tried each time."""


class PolicySection(Strict):
    """Who goes where."""

    move: str = "home"
    """Where units go that wait: the name of a policy, or a TOML file of one."""
    parameters: dict[str, Any] = Field(default_factory=dict)
    """Parameters of the policy, by name."""
    knows: Knowledge = Knowledge()
    """What it is told about where calls will come."""
    rollout: Rollout | None = None
    """Whether candidate moves are tried in sampled futures first."""
    rules: dict[str, Any] = Field(default_factory=dict)
    """Rules of the life cycle by name, where they are not current practice."""


class Sections(Strict):
    """What a scenario, a case or a variant may say."""

    demand: DemandSection = DemandSection()
    roads: RoadSection = RoadSection()
    resources: ResourceSection = ResourceSection()
    hospitals: HospitalSection = HospitalSection()
    policy: PolicySection = PolicySection()


class Variant(Sections):
    """One way in which the day may go, for comparison with others."""

    name: str = Field(min_length=1, pattern=r"^[^/\\\n]+$")
    """Shown to people; once a scenario."""
    description: str = ""
    """For people."""
    event: bool = True
    """False: the ordinary day. The scenario's changes of demand and closures do not happen; what the variant itself gives
    does."""
    replications: int | None = Field(default=None, ge=2, le=100_000)
    """Fewer replications than the others have, for one that takes long."""


class Case(Sections):
    """Circumstances under which all variants are compared, such as another fleet size."""

    name: str = Field(min_length=1, pattern=r"^[^/\\\n]+$")
    """Shown to people; once a scenario."""
    description: str = ""
    """For people."""


class Comparison(Strict):
    """A pair to compare: how one variant does against another."""

    variant: str
    """Its name."""
    against: str
    """Name of the other."""


class Scenario(Sections):
    """A file of a what-if scenario."""

    name: str = Field(min_length=1)
    """Name of the scenario."""
    question: str = ""
    """What is asked, in plain words."""
    city: str = "manhattan"
    """Name or folder of the city."""
    window: Window
    """The time that is simulated."""
    variants: tuple[Variant, ...] = Field(min_length=1)
    """What is compared; the first is the baseline unless another is named."""
    baseline: str | None = None
    """Name of the variant that all others are compared with. Default: the first."""
    comparisons: tuple[Comparison, ...] = ()
    """Further pairs to compare."""
    cases: tuple[Case, ...] = ()
    """Circumstances under which all of it is done. Default: one, as the scenario says."""
    replications: int = Field(default=30, ge=2, le=100_000)
    """How many days are drawn; all variants meet the same ones."""
    seed: int = Field(default=1, ge=0)
    """Of the calls."""
    level: float = Field(default=0.95, gt=0.5, lt=1)
    """Probability with which each interval holds the true mean."""
    search_runs: int = Field(default=1000, ge=20, le=1_000_000)
    """Days that the search for a placement may simulate."""

    @property
    def baseline_name(self) -> str:
        """Name of the variant that all others are compared with."""
        return self.baseline or self.variants[0].name


SECTIONS = tuple(Sections.model_fields)
"""Names of the sections that cases and variants lay over the scenario's."""


def laid_over(below: Strict, above: Strict) -> Any:
    """A section with what another one gives in place of its own fields."""
    return below.model_copy(update={name: getattr(above, name) for name in above.model_fields_set})


def sections_of(scenario: Scenario, case: Case | None, variant: Variant) -> Sections:
    """What holds for a variant in a case: the scenario's sections with the case's and then the variant's over them.

    On the ordinary day (``event`` false) the scenario's and the case's changes of demand and closures are left out first.
    """
    found = {}
    for name in SECTIONS:
        section = getattr(scenario, name)
        if case is not None:
            section = laid_over(section, getattr(case, name))
        if not variant.event and name == "demand":
            section = section.model_copy(update={"changes": ()})
        if not variant.event and name == "roads":
            section = section.model_copy(update={"closures": None})
        found[name] = laid_over(section, getattr(variant, name))
    return Sections(**found)


def json_schema() -> dict[str, Any]:
    """The published schema of scenario files (JSON Schema 2020-12)."""
    schema = Scenario.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": SCHEMA} | {
        key: value for key, value in schema.items() if key != "title"
    }
