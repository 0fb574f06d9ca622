# The image of the action. GitHub wants root, and neither USER nor WORKDIR.
ARG DEBIAN=debian:trixie-slim

FROM ${DEBIAN} AS system
# As Debian's own slim image leaves out its manuals: PostgreSQL would compile queries with LLVM, which pgassay switches off,
# and nobody here generates a locale.
COPY image/left-out /etc/dpkg/dpkg.cfg.d/pgassay
RUN apt-get update \
 && mkdir -p /etc/postgresql-common && echo "create_main_cluster = false" > /etc/postgresql-common/createcluster.conf \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends -o Dpkg::Options::=--force-confold \
      ca-certificates \
      git \
      postgresql-17 \
      postgresql-17-cron \
      postgresql-17-pgtap \
      postgresql-17-pgvector \
      postgresql-17-plpgsql-check \
      python3 \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/cache/debconf/*-old /var/log/* /var/lib/dpkg/*-old

FROM system AS build
RUN apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends python3-pip python3-venv
COPY image/build.txt image/requirements.txt /image/
RUN python3 -m venv --without-pip /opt/pgassay \
 && python3 -m pip --python /opt/pgassay/bin/python3 install --no-cache-dir --no-deps --require-hashes --only-binary :all: \
      --requirement /image/requirements.txt \
 && python3 -m venv /build \
 && /build/bin/pip install --no-cache-dir --no-deps --require-hashes --only-binary :all: --requirement /image/build.txt
COPY . /checkout
RUN /build/bin/pip wheel --no-cache-dir --no-deps --no-build-isolation --no-index --wheel-dir /wheel /checkout \
 && python3 -m pip --python /opt/pgassay/bin/python3 install --no-cache-dir --no-deps --no-index /wheel/*.whl \
 && /opt/pgassay/bin/python3 -I -m pgassay.replay.stock /opt/pgassay/store \
 && hardlink --quiet --ignore-time /opt/pgassay/store

FROM system
COPY --from=build /opt/pgassay /opt/pgassay
ENV PGASSAY_STORE=/opt/pgassay/store
# Isolated, so that no variable of the job brings Python from the checkout that is to be reviewed.
ENTRYPOINT ["/opt/pgassay/bin/python3", "-I", "/opt/pgassay/bin/pgassay", "action"]
