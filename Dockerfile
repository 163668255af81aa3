# Trajectoire with its dependencies, pinned and hashed, for an ordinary user. The database is another container.
FROM python:3.11-slim-bookworm AS dependencies
RUN python -m venv /opt/venv
COPY requirements.lock .
RUN /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check \
    --require-hashes --no-deps --only-binary=:all: --requirement requirements.lock

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /var/lib/trajectoire --create-home trajectoire
COPY --from=dependencies /opt/venv /opt/venv
WORKDIR /app
COPY LICENSE ./
COPY alembic alembic
COPY service service
RUN python -m compileall -q alembic service
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONPATH=/app \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    TRAJECTOIRE_DATA_DIR=/var/lib/trajectoire \
    TRAJECTOIRE_HOST=0.0.0.0 \
    TRAJECTOIRE_PORT=8000
USER trajectoire
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen('http://127.0.0.1:' + os.environ['TRAJECTOIRE_PORT'] + '/livez', timeout=2)"]
ENTRYPOINT ["python", "-m", "service.cli"]
CMD ["serve"]
