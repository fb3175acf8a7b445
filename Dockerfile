# The image of the service: about 115 MB, non-root, without a shell; java is process 1.
#
#   docker build -t muster --label "org.opencontainers.image.revision=$(git rev-parse HEAD)" .
#   docker run --rm -p 127.0.0.1:8080:8080 muster demo

FROM docker.io/library/maven:3-eclipse-temurin-25 AS build
WORKDIR /src

# A layer with everything that Maven fetches, kept while no POM changes. Building an empty class also fetches the compiler's
# plugins, which no Maven goal would.
COPY pom.xml ./
COPY service/pom.xml service/
COPY deploy/pom.xml deploy/
RUN mkdir -p service/src/main/java/dev/muster \
    && echo 'package dev.muster; final class Nothing {}' >service/src/main/java/dev/muster/Nothing.java \
    && mvn -B -q -pl service -P image -Dmaven.test.skip=true package \
    && rm -r service/src service/target

# Only the needed modules. java.xml is for Jackson; jdk.unsupported has sun.misc.Signal, used by reflection. The symbols of the
# JVM and the line numbers of the JDK's own classes are 10 MB. The line numbers of the service remain.
RUN jlink --add-modules java.base,java.logging,java.management,java.xml,jdk.management,jdk.net,jdk.unsupported \
        --compress zip-6 --strip-java-debug-attributes --no-header-files --no-man-pages --output /opt/jre \
    && strip --strip-unneeded /opt/jre/lib/server/libjvm.so \
    && find /opt/jre -exec touch -d 2026-01-01 {} +

COPY service/src/main service/src/main
RUN mvn -B -q -pl service -P image -Dmaven.test.skip=true package

# The cache is for this JVM, these jars and these options, without the fixed heap of ./run: here the heap is a share of the
# container's memory. The training's own heap does not matter. A JVM may not check that the jars are still the same, if a
# later layer replaces them. So the service checks their sums itself.
COPY service/java.options build/aot.sh ./
SHELL ["/bin/bash", "-euo", "pipefail", "-c"]
RUN mkdir /opt/muster && cp -a service/target/muster.jar service/target/lib service/target/sbom.json /opt/muster/ \
    && sed '/^-Xmx/d' java.options >/opt/muster/java.options && find /opt/muster -exec touch -d 2026-01-01 {} + \
    && . ./aot.sh && make_aot /opt/jre /opt/muster/java.options /opt/muster/muster.jar /opt/muster/muster.aot \
    && rm /opt/muster/muster.aot.made && chmod -R a+rX /opt/jre /opt/muster

FROM gcr.io/distroless/base-nossl-debian13:nonroot

LABEL org.opencontainers.image.title="Muster" \
    org.opencontainers.image.description="Scatter-gather over HTTP on virtual threads and structured concurrency" \
    org.opencontainers.image.version="1.0.0" \
    org.opencontainers.image.licenses="Apache-2.0" \
    org.opencontainers.image.base.name="gcr.io/distroless/base-nossl-debian13:nonroot"

# The files that change most come last.
COPY --from=build /opt/jre /opt/jre
COPY --from=build /opt/muster/lib /opt/muster/lib
COPY --from=build /opt/muster/sbom.json /opt/muster/java.options /opt/muster/muster.jar /opt/muster/muster.aot \
    /opt/muster/muster.aot.jars /opt/muster/

ENV MUSTER_SERVER_HOST=0.0.0.0 MUSTER_ADMIN_HOST=0.0.0.0
EXPOSE 8080 8081
USER 65532:65532
WORKDIR /
STOPSIGNAL SIGTERM
# Each check starts the smallest possible JVM, on the same cache.
HEALTHCHECK --interval=30s --timeout=15s --start-period=10s \
    CMD ["/opt/jre/bin/java", "@/opt/muster/java.options", "-Xmx16m", "-XX:TieredStopAtLevel=1", \
    "-XX:AOTCache=/opt/muster/muster.aot", "-Xlog:aot*=off", "-jar", "/opt/muster/muster.jar", "probe"]
# The JVM uses the first percentage below 512 MB, the second from there on: everything but the heap takes 100 MB. The cache
# needs compressed oops, which limit a heap by percentage to 30 GB.
ENTRYPOINT ["/opt/jre/bin/java", "@/opt/muster/java.options", "-XX:MinRAMPercentage=25", "-XX:MaxRAMPercentage=50", \
    "-XX:+UseCompressedOops", "-XX:AOTCache=/opt/muster/muster.aot", "-Xlog:aot*=off", "-jar", "/opt/muster/muster.jar"]
CMD ["serve"]
