#!/usr/bin/env bash
# Helidon WebServer 4.5.0 rejects a Host header with an empty port, such as `Host: name:`, with 400. RFC 3986 section 3.2.3
# allows one: port = *DIGIT. validateRequestHostHeader(false) does not help, because Helidon still parses the port. Only
# validateRequestHeaders(false) does, which leaves all header checks to the application.
#
# Statuses by setting, with JDK 25.0.3:
#   defaults 400
#   validateRequestHostHeader(false) 400
#   validateRequestHeaders(false) 200
#
#   findings/helidon-empty-port.sh     installs Helidon in a temporary folder and runs it; fails if the result has changed
#
# Needs a JDK 25 in JAVA_HOME or /usr/lib/jvm, and Maven.
set -euo pipefail
# shellcheck source=build/jdk.sh
. "$(dirname "${BASH_SOURCE[0]}")/../build/jdk.sh"
jdk=$(find_jdk javac) || {
  echo "needs a JDK 25" >&2
  exit 69
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat >pom.xml <<'POM'
<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId>
  <artifactId>helidon-empty-port</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>io.helidon.webserver</groupId>
      <artifactId>helidon-webserver</artifactId>
      <version>4.5.0</version>
    </dependency>
  </dependencies>
</project>
POM
mvn -q -B dependency:copy-dependencies -DoutputDirectory=lib >maven.log 2>&1 || {
  cat maven.log >&2
  exit 1
}

cat >EmptyPort.java <<'JAVA'
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http1.Http1Config;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.function.UnaryOperator;

class EmptyPort {
    public static void main(String[] arguments) throws Exception {
        show("defaults", http1 -> http1);
        show("validateRequestHostHeader(false)", http1 -> http1.validateRequestHostHeader(false));
        show("validateRequestHeaders(false)", http1 -> http1.validateRequestHeaders(false));
    }

    private static void show(String what, UnaryOperator<Http1Config.Builder> set) throws Exception {
        WebServer server = WebServer.builder()
                .host("127.0.0.1")
                .port(0)
                .shutdownHook(false)
                .addProtocol(set.apply(Http1Config.builder()).build())
                .routing(routing -> routing.get("/", (request, response) -> response.send("served")))
                .build()
                .start();
        try (Socket client = new Socket("127.0.0.1", server.port())) {
            client.getOutputStream()
                    .write("GET / HTTP/1.1\r\nHost: name:\r\nConnection: close\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            String line = new BufferedReader(new InputStreamReader(client.getInputStream(), StandardCharsets.US_ASCII))
                    .readLine();
            System.out.println(what + " " + line.split(" ")[1]);
        } finally {
            server.stop();
        }
    }
}
JAVA
"$jdk/bin/java" -cp 'lib/*' EmptyPort.java 2>java.log >seen || {
  cat java.log >&2
  exit 1
}
cat >expected <<'SEEN'
defaults 400
validateRequestHostHeader(false) 400
validateRequestHeaders(false) 200
SEEN
cat seen
diff expected seen
