"""Codes of bed counts: LOINC as US SAFR 1.0.0 uses it, and the words of its predecessor SANER 1.0.1, as data."""

from __future__ import annotations

ED_TOTAL, ED_BOARDERS = "112508-7", "112507-9"
"""Patients in the emergency department, and those of them who are admitted (boarders)."""

_OCCUPIED_UNOCCUPIED = {
    "all": ("112579-8", "112578-0"), "adult": ("112577-2", "112576-4"), "adult_icu": ("112575-6", "112574-9"),
    "adult_icu_loc": ("112573-1", None), "adult_non_icu": ("112572-3", "112571-5"),
    "adult_pcu": ("112570-7", "112569-9"), "adult_mtms": ("112568-1", "112567-3"), "adult_obs": ("112566-5", "112565-7"),
    "peds": ("112564-0", "112563-2"), "peds_icu": ("112562-4", "112561-6"), "peds_icu_loc": ("112560-8", None),
    "peds_non_icu": ("112559-0", "112558-2"), "peds_pcu": ("112557-4", "112556-6"),
    "peds_mtms": ("112555-8", "112554-1"), "peds_obs": ("112553-3", "112552-5"), "specialty": ("112551-7", "112550-9"),
    "specialty_non_crib": ("112549-1", "112548-3"), "obstetrics": ("112547-5", "112546-7"),
    "nicu": ("112545-9", "112544-2"), "nicu_4": ("112543-4", "112542-6"), "nicu_3_plus": ("112540-0", "112539-2"),
    "nicu_3": ("112538-4", "112541-8"), "nicu_2": ("112537-6", "112536-8"), "nursery": ("112535-0", "112534-3"),
    "nicu_1": ("112533-5", "112532-7"), "adult_psych": ("112531-9", "112530-1"), "peds_psych": ("112529-3", "112528-5"),
    "rehab": ("112527-7", "112526-9"), "surge_active": ("112525-1", "112524-4"),
    "surge_inactive": ("SurgeInactiveTotalOccupied", "112523-6"), "surge_active_icu": ("112522-8", "112521-0"),
    "surge_inactive_icu": (None, "112520-2"), "surge_active_non_icu": ("112519-4", "112518-6"),
    "surge_inactive_non_icu": ("SurgeInactiveNonICUOccupied", "112517-8"), "burn": ("112516-0", "112515-2"),
    "negative_pressure": ("112514-5", "112513-7"),
}  # fmt: skip

BEDS: dict[str, tuple[str, str]] = {
    code.lower(): (sort, side)
    for sort, codes in _OCCUPIED_UNOCCUPIED.items()
    for side, code in zip(("occupied", "available"), codes, strict=True)
    if code is not None
}
"""By code in small letters: the sort of beds, and whether their occupied or available ones are counted."""

ED: dict[str, str] = {
    ED_TOTAL: "ed_census", ED_BOARDERS: "ed_boarders",
    "112512-9": "ed_census_adult", "112511-1": "ed_boarders_adult",
    "112510-3": "ed_census_peds", "112509-5": "ed_boarders_peds",
}  # fmt: skip
"""Counts of the emergency department by code; without a total, adults and children are added."""

SANER: dict[str, tuple[str, str]] = {
    f"{word}{ending}": (sort, side)
    for word, sort in (
        ("numtotbeds", "all_and_outpatient"), ("numbeds", "all"), ("numicubeds", "icu"), ("numnicubeds", "nicu"),
        ("numvent", "ventilator"),
    )
    for ending, side in (("", "total"), ("use" if word == "numvent" else "occ", "occupied"), ("avail", "available"))
}  # fmt: skip
"""Words of SANER, as codes of a group or of its populations, in small letters."""


def written(sort: str, side: str) -> str | None:
    """LOINC code of the occupied or available beds of a sort, None if there is none."""
    codes = _OCCUPIED_UNOCCUPIED.get(sort)
    return None if codes is None else codes[side == "available"]
