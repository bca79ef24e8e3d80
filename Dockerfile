# The twin in a container: the command line as entry point, not root, compiled code ready.
#
#   docker build -t ems-twin .
#   docker run --rm -p 127.0.0.1:8000:8000 ems-twin            # the demo, on http://127.0.0.1:8000/map.html
#   docker run --rm --no-healthcheck -v "$PWD/out:/home/twin/out" ems-twin simulate --city manhattan --days 7 --out out/week
#
# Inside, the map's server listens on all addresses, so that a published port leads to it; it answers only requests
# that name this computer (localhost, 127.0.0.1).

FROM python:3.11-slim AS build
WORKDIR /src
COPY . .
RUN python -m venv /opt/twin && /opt/twin/bin/pip install --no-cache-dir '.[pbf]'

FROM python:3.11-slim
RUN useradd --create-home --uid 1000 twin && mkdir /opt/compiled && chown twin /opt/compiled
COPY --from=build --chown=twin /opt/twin /opt/twin
# Compiled for any processor of the architecture (these kernels lose nothing by it), so that the image's code serves anywhere.
ENV PATH=/opt/twin/bin:$PATH \
    NUMBA_CPU_NAME=generic \
    NUMBA_CACHE_DIR=/opt/compiled \
    PYTHONUNBUFFERED=1
USER twin
WORKDIR /home/twin
RUN ems-twin demo --once --hours 1 --out /tmp/warm && rm -r /tmp/warm
EXPOSE 8000
# Python as the first process of a container ignores SIGTERM; SIGINT ends it at once, as Ctrl-C does.
STOPSIGNAL SIGINT
# For the demo, which serves a page; start a container that only computes with --no-healthcheck.
HEALTHCHECK --interval=30s --timeout=3s --start-period=60s \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/map.html', timeout=2)"]
ENTRYPOINT ["ems-twin"]
CMD ["demo", "--host", "0.0.0.0", "--port", "8000", "--no-browser"]
