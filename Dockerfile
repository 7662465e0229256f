# Builds the one binary and puts it on a base without shell or package manager.
FROM rust:1.95-bookworm AS build
WORKDIR /src
COPY Cargo.toml Cargo.lock clippy.toml rustfmt.toml ./
COPY crates crates
COPY tests tests
COPY conformance conformance
COPY bench bench
COPY openapi openapi
COPY policies policies
RUN cargo build --profile dist --locked --package remit-cli

FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=build /src/target/dist/remit /usr/local/bin/remit
COPY policies /policies
VOLUME /data
EXPOSE 8181
USER nonroot
ENTRYPOINT ["/usr/local/bin/remit"]
CMD ["serve", "--config", "/etc/remit/remit.toml"]
