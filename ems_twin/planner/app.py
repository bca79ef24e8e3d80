"""The planner's web application: its page, what the page asks for, and the files of runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import Body, FastAPI, HTTPException, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, JSONResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent

from ..errors import InputError
from ..web import EMBEDDED, NOTHING, Guard, new_nonce, page_policy
from .check import Checker, faults_by_path
from .ground import corners, ground_of
from .line import Line
from .page import assets_of, page_html
from .plain import scenario_of, yaml_of
from .presets import presets_of
from .runs import FILES, RunRecord, Runs
from .uploads import course_of, opened

LARGEST = 5_000_000
"""Bytes that a request may bring: a course of 20,000 points takes one million."""
_LOOK_S = 0.2  # between two looks at how far a run is
_MOST_RUNS = 500
_Given = Annotated[Any, Body()]
_Name = Annotated[str, Query(min_length=1, max_length=200)]


def planner_app(checker: Checker, runs: Runs) -> Guard:
    """The application for a city, behind its door.

    Parameters
    ----------
    checker
        Of the city.
    runs
        Where runs lie.
    """
    city = checker.city
    line = Line(runs)
    presets = {preset.key: preset for preset in presets_of(city, checker.weight)}
    ground = ground_of(city, checker.demand)
    assets = assets_of()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        line.close()

    app = FastAPI(title="ems_twin planner", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)

    @app.exception_handler(InputError)
    async def _refused(_: Request, error: InputError) -> JSONResponse:
        return JSONResponse({"faults": faults_by_path(error)}, status_code=422)

    @app.exception_handler(RequestValidationError)
    async def _misshapen(_: Request, error: RequestValidationError) -> JSONResponse:
        faults = [
            {"path": str(one["loc"][-1]), "problem": str(one["msg"]), "remedy": "Send what the page sends."}
            for one in error.errors()
        ]
        return JSONResponse({"faults": faults}, status_code=422)

    @app.get("/")
    def _page() -> Response:
        nonce = new_nonce()
        html = page_html(city.title, nonce, assets)
        return Response(html, media_type="text/html", headers={"Content-Security-Policy": page_policy(nonce)})

    @app.get("/assets/{name}")
    def _asset(name: str, request: Request) -> Response:
        asset = assets.get(name)
        if asset is None:
            raise HTTPException(404)
        headers = {"Cache-Control": assets.cache_control(name, request.url.query)}
        return Response(asset.body, media_type=asset.media_type, headers=headers)

    @app.get("/api/city")
    def _city() -> dict[str, Any]:
        return ground

    @app.get("/api/corner")
    def _corner(street: _Name, cross: _Name) -> dict[str, Any]:
        return {"points": corners(city, street, cross)}

    @app.get("/api/presets")
    def _presets() -> list[dict[str, str]]:
        return [{"key": one.key, "title": one.title, "about": one.about} for one in presets.values()]

    @app.get("/api/presets/{key}")
    def _preset(key: str) -> dict[str, Any]:
        if key not in presets:
            raise HTTPException(404)
        return {"scenario": presets[key].make()}

    @app.post("/api/check")
    def _check(given: _Given) -> dict[str, Any]:
        return checker.look_over(given)

    @app.post("/api/scenario.yaml")
    def _download(given: _Given) -> Response:
        text = yaml_of(scenario_of(given, checker.name))
        return Response(text, media_type="application/yaml", headers=_as_file("scenario.yaml"))

    @app.post("/api/course")
    async def _course(request: Request, name: _Name) -> dict[str, Any]:
        body = await request.body()
        return await asyncio.to_thread(course_of, name, body)

    @app.post("/api/open")
    async def _open(request: Request, name: _Name) -> dict[str, Any]:
        body = await request.body()
        return {"scenario": await asyncio.to_thread(opened, name, body, city)}

    @app.get("/api/runs")
    def _runs() -> list[dict[str, Any]]:
        return [told(record) for record in runs.all() if record.city == checker.name]

    @app.post("/api/runs", status_code=201)
    def _run(given: _Given) -> Response:
        scenario = scenario_of(given, checker.name)
        found = checker.look_over(given)
        if found["faults"]:
            return JSONResponse({"faults": found["faults"]}, status_code=422)
        if len(runs.all()) >= _MOST_RUNS:
            raise InputError(f"there are {_MOST_RUNS} runs already", remedy="Delete some of them.")
        record = runs.add(scenario)
        line.put(record.id)
        return JSONResponse(told(record), status_code=201)

    def known(run: str) -> RunRecord:
        record = runs.get(run)
        if record is None or record.city != checker.name:  # a folder may hold runs of several cities
            raise HTTPException(404)
        return record

    def told(record: RunRecord) -> dict[str, Any]:
        files = [name for name in FILES if runs.file_of(record.id, name) is not None]
        return {**asdict(record), "is_over": record.is_over, "files": files}

    @app.get("/api/runs/{run}")
    def _one(run: str) -> dict[str, Any]:
        return told(known(run))

    @app.get("/api/runs/{run}/events", response_class=EventSourceResponse)
    async def _events(run: str) -> AsyncIterator[ServerSentEvent]:
        last = None
        while (record := runs.get(run)) is not None:
            if record != last:
                last = record
                yield ServerSentEvent(event="run", data=told(record), retry=2000)
            if record.is_over:
                break
            await asyncio.sleep(_LOOK_S)
        yield ServerSentEvent(event="end", data=None)

    @app.post("/api/runs/{run}/stop")
    def _stop(run: str) -> dict[str, Any]:
        line.stop(known(run).id)
        return told(known(run))

    @app.post("/api/runs/{run}/resume")
    def _resume(run: str) -> dict[str, Any]:
        line.put(known(run).id)
        return told(known(run))

    @app.delete("/api/runs/{run}", status_code=204)
    def _delete(run: str) -> Response:
        if not known(run).is_over:
            raise InputError("is under way", field=run, remedy="Stop it first.")
        runs.drop(run)
        return Response(status_code=204)

    @app.get("/runs/{run}/{name}")
    def _file(run: str, name: str, download: bool = False) -> Response:
        path = runs.file_of(run, name)
        if path is None:
            raise HTTPException(404)
        headers = {"Content-Security-Policy": EMBEDDED if name == "report.html" else NOTHING}
        if download:
            headers |= _as_file(f"{run}-{name}")
        return FileResponse(path, media_type=FILES[name], headers=headers)

    return Guard(app, largest=LARGEST)


def _as_file(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}
