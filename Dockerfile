# One image for every kind of process; data in /data. The same install script as `make run`.
FROM debian:bookworm-slim

WORKDIR /liveshop
COPY install.sh ./
COPY requirements/ requirements/
RUN ./install.sh run \
 && rm -rf /var/lib/apt/lists/* ~/.cache \
 && useradd --system --uid 10001 --home-dir /data liveshop \
 && install -d -o liveshop -g liveshop -m 0700 /data

COPY liveshop/ liveshop/
COPY streaming/ streaming/
COPY commerce/ commerce/
COPY realtime/ realtime/
COPY static/ static/
COPY pyproject.toml LICENSE README.md CHANGELOG.md ./
RUN .venv/bin/python -m compileall -q liveshop streaming commerce realtime

USER liveshop
ENV LIVESHOP_DATA=/data LIVESHOP_HOST=0.0.0.0 PYTHONUNBUFFERED=1
VOLUME /data
EXPOSE 8000 8200/udp 8200/tcp
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s \
  CMD [".venv/bin/python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
STOPSIGNAL SIGTERM
ENTRYPOINT [".venv/bin/python", "-m", "liveshop"]
CMD ["serve"]
