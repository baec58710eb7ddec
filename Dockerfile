# The portal as one image: docs/deployment.md says how to run it. Its steps are scripts that CI runs without Docker
# (make production-check).
FROM python:3.13-slim AS packages
COPY requirements.txt .
RUN python -m venv /packages \
    && /packages/bin/python -m pip install --no-cache-dir --disable-pip-version-check --require-hashes \
        --requirement requirements.txt

FROM python:3.13-slim
ENV PATH=/packages/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
COPY --from=packages /packages /packages
WORKDIR /portal
COPY . .
# What is served is built here and belongs to root; the portal's own user writes to /data alone.
RUN sh tools/build_static.sh \
    && useradd --system --uid 10001 portal \
    && install -d -o portal /data
USER portal
ENV BIND=0.0.0.0:8000 DEBUG=false DATABASE_URL=sqlite:////data/db.sqlite3 INDEX_DIR=/data/index \
    RELEASES_ROOT=/data/releases
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s CMD ["python", "tools/healthcheck.py"]
CMD ["sh", "tools/start.sh"]
