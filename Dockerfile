FROM python:3.11-slim AS build
WORKDIR /app
COPY requirements/runtime.txt requirements/runtime.txt
RUN python -m venv /venv \
    && /venv/bin/pip install --no-cache-dir --require-hashes -r requirements/runtime.txt \
    && /venv/bin/pip install --no-cache-dir "setuptools>=80"
COPY pyproject.toml README.md LICENSE alembic.ini ./
COPY app app
COPY migrations migrations
RUN /venv/bin/pip install --no-cache-dir --no-deps --no-build-isolation --editable .

FROM python:3.11-slim
RUN useradd --system --create-home --home-dir /var/lib/espace-partenaires ep
COPY --from=build /venv /venv
COPY --from=build /app /app
WORKDIR /app
USER ep
ENV PATH=/venv/bin:$PATH EP_DATA_DIR=/var/lib/espace-partenaires
EXPOSE 8000
HEALTHCHECK CMD python -c "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/health/ready')"
CMD ["espace-partenaires", "serve", "--host", "0.0.0.0"]
