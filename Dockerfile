# Grade, benchmark and serve: Icarus Verilog 12 and itertl-eval, without a GPU.
#     docker build -t itertl-eval .
#     docker run --rm itertl-eval itertl-eval doctor
# Debian 13 has Icarus Verilog 12.
FROM python:3.12-slim-trixie AS build
WORKDIR /src
COPY . .
RUN python -m pip wheel --no-cache-dir --no-deps --wheel-dir /dist .

FROM python:3.12-slim-trixie
RUN apt-get update \
    && apt-get install -y --no-install-recommends iverilog \
    && rm -rf /var/lib/apt/lists/*
COPY --from=build /dist /dist
RUN set -eu; wheel=$(ls /dist/*.whl); \
    python -m pip install --no-cache-dir "${wheel}[lm-eval,serve,solve]" && rm -rf /dist
# The sandbox does not depend on it, but a grader needs no root.
# Its folder is everybody's, so that `--user` may name somebody else.
RUN useradd --create-home --uid 1000 grader && chmod 1777 /home/grader
ENV HOME=/home/grader
USER 1000:1000
WORKDIR /home/grader
EXPOSE 8770
CMD ["itertl-eval", "--help"]
