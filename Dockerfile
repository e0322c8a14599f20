# One image for the four processes; the command chooses: python -m gateway, python -m
# services.registry, … or python -m local prepare. docs/ lies in it for the contract it serves.
ARG PYTHON=3.11
FROM python:${PYTHON}-slim-bookworm AS packages
COPY requirements/run.txt /tmp/run.txt
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install --no-cache-dir --require-hashes --no-deps -r /tmp/run.txt \
    && /opt/venv/bin/pip uninstall --yes pip setuptools

# The gateway's data plane as machine code; everything runs without it, at twice the processor time.
FROM python:${PYTHON}-slim-bookworm AS compiled
RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev
COPY requirements/compile.txt /tmp/compile.txt
RUN pip install --no-cache-dir --require-hashes --no-deps -r /tmp/compile.txt
WORKDIR /app
COPY pyproject.toml .
COPY chassis chassis
COPY gateway gateway
COPY local local
RUN python -m local.compiling

FROM python:${PYTHON}-slim-bookworm
RUN groupadd --gid 10001 mboolo \
    && useradd --uid 10001 --gid mboolo --no-create-home --shell /usr/sbin/nologin mboolo \
    # An empty volume takes the owner of the folder that it is mounted on.
    && install -d -o mboolo -g mboolo -m 0700 /data /data/checkpoints /data/keys /data/keys/gateway \
        /data/keys/registry /data/keys/training /data/keys/financing \
    && install -o mboolo -g mboolo -m 0600 /dev/null /data/town.lock
COPY --from=packages /opt/venv /opt/venv
WORKDIR /app
COPY chassis chassis
COPY services services
COPY gateway gateway
COPY local local
COPY data data
COPY docs docs
COPY --from=compiled /app/build build
RUN /opt/venv/bin/python -m compileall -q .
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    MBOOLO_DATA=/data
USER mboolo
# SIGTERM lets requests under way finish, for at most 25 s.
STOPSIGNAL SIGTERM
CMD ["python", "-m", "gateway"]
