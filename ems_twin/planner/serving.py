"""Serve the planner's page of a city."""

from __future__ import annotations

from pathlib import Path

from ..city import load_city
from ..web import Guard, serve
from .app import planner_app
from .check import Checker
from .runs import Runs, user_data_folder


def app_for(city: str, folder: Path | None = None) -> Guard:
    """The application for a city.

    Parameters
    ----------
    city
        Name or folder.
    folder
        Where runs lie. Default: ``planner`` in this user's data folder.

    Raises
    ------
    InputError
        There is no such city, or the folder cannot be written to.
    """
    runs = Runs(folder or user_data_folder() / "planner")
    place = load_city(city)
    name = city if len(Path(city).parts) == 1 else str(Path(city).resolve())
    return planner_app(Checker(place, name), runs)


def serve_planner(
    city: str, *, port: int = 0, folder: Path | None = None, open_browser: bool = True, as_json: bool = False
) -> None:
    """Serve the planner's page on this computer until Ctrl-C.

    Parameters
    ----------
    city
        Name or folder.
    port
        Port to listen on; 0 takes a free one.
    folder
        Where runs lie. Default: ``planner`` in this user's data folder.
    open_browser
        Whether to open the page.
    as_json
        Whether its address is printed as JSON.

    Raises
    ------
    InputError
        There is no such city, or the folder or the port cannot be used.
    """
    serve(app_for(city, folder), port, what="Planner's page", open_browser=open_browser, as_json=as_json)
