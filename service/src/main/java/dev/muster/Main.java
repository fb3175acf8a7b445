package dev.muster;

import dev.muster.admin.Probe;
import dev.muster.config.AppConfig;
import dev.muster.config.AppConfig.AdminConfig;
import dev.muster.config.AppConfig.LogFormat;
import dev.muster.config.ConfigLoader;
import dev.muster.config.InvalidConfig;
import dev.muster.config.LoadedConfig;
import dev.muster.demo.DemoBackends;
import dev.muster.lifecycle.ProcessEnd;
import dev.muster.lifecycle.Shutdown;
import dev.muster.logging.LogWriter;
import dev.muster.logging.Logging;
import dev.muster.logging.StandardError;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.BindException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The command line: reads it and the configuration, runs the command, and owns the exit of the process. */
public final class Main {
    /** Exit codes of sysexits.h. */
    private static final int EX_USAGE = 64;

    private static final int EX_UNAVAILABLE = 69;
    private static final int EX_SOFTWARE = 70;
    private static final int EX_IOERR = 74;
    private static final int EX_CONFIG = 78;

    /** Docker's exit code for unhealthy. */
    private static final int NOT_READY = 1;

    private static final String BASE_URI = "backends.base-uri";
    /** For commands that call no backend, or none yet. The file and the environment override it. */
    private static final Map<String, String> UNKNOWN_BACKENDS = Map.of(BASE_URI, "http://127.0.0.1");

    private static final Logger LOG = System.getLogger(Main.class.getName());

    private static final String TRY = """

        Try, in another terminal:

          curl -i http://localhost:8080/profiles/ada
          curl -i http://localhost:8080/profiles/user-404_ada
          curl -i http://localhost:8080/profiles/all-d300_grace

        """;

    private static final String USAGE = """
        usage: run [demo | serve | backends | check | probe] [--config FILE]

          demo      the service with its demo backends, in one process (the default)
          serve     the service with real backends
          backends  the demo backends alone
          check     checks the configuration and prints it; starts nothing
          probe     asks the service with this configuration whether it is ready; exit code 0 if so, else 1
        """;

    private enum Command {
        DEMO,
        SERVE,
        BACKENDS,
        CHECK,
        PROBE
    }

    private record Arguments(Command command, @Nullable Path file) {}

    private static final class BadUsage extends Exception {
        private static final long serialVersionUID = 1L;

        BadUsage(String message) {
            super(message);
        }
    }

    private Main() {}

    public static void main(String[] args) {
        try {
            if (List.of(args).contains("--help") || List.of(args).contains("-h")) {
                print(USAGE);
                return;
            }
            run(parse(args));
        } catch (BadUsage e) {
            exit(EX_USAGE, "muster: " + e.getMessage());
        } catch (InvalidConfig e) {
            exit(EX_CONFIG, String.valueOf(e.getMessage()));
        } catch (IOException e) {
            exit(EX_UNAVAILABLE, "muster: " + e.getMessage());
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "cannot start", e);
            exit(EX_SOFTWARE, "muster: cannot start: " + e);
        }
    }

    private static Arguments parse(String[] args) throws BadUsage {
        Command command = null;
        Path file = null;
        for (int i = 0; i < args.length; i++) {
            if (args[i].equals("--config")) {
                if (++i == args.length) {
                    throw new BadUsage("--config: needs the name of a YAML file");
                }
                file = Path.of(args[i]);
            } else if (command == null) {
                command = command(args[i]);
            } else {
                throw new BadUsage(args[i] + ": is one argument too many; see --help");
            }
        }
        return new Arguments(command == null ? Command.DEMO : command, file);
    }

    private static Command command(String name) throws BadUsage {
        return Arrays.stream(Command.values())
                .filter(command -> command.name().toLowerCase(Locale.ROOT).equals(name))
                .findAny()
                .orElseThrow(
                        () -> new BadUsage(name + ": must be one of demo, serve, backends, check, probe; see --help"));
    }

    private static void run(Arguments arguments) throws InvalidConfig, IOException {
        // A health check must be quick, and the service has printed the same already.
        if (arguments.command() != Command.PROBE) {
            checkAotCache();
        }
        switch (arguments.command()) {
            case DEMO -> demo(arguments);
            case SERVE -> {
                ProcessEnd end = ProcessEnd.install();
                AppConfig config = load(arguments, Map.of()).config();
                LogWriter log = startLog(config, end);
                end.runs(serve(config, log, end)::shutDown);
            }
            case BACKENDS -> backends(arguments);
            case CHECK -> print(String.join("\n", load(arguments, Map.of()).effective()) + "\n");
            case PROBE -> probe(arguments);
        }
    }

    /** Ends the process rather than run old code. */
    private static void checkAotCache() throws IOException {
        AotCache cache = AotCache.ofThisJvm().orElse(null);
        if (cache == null) {
            return;
        }
        if (!cache.isUsed()) {
            StandardError.say("muster: " + cache.whyRefused());
            return;
        }
        cache.changedJar()
                .ifPresent(jar -> exit(
                        EX_CONFIG,
                        "muster: the AOT cache was made of another " + jar + ", whose code would run: make it again,"
                                + " or leave it with the JVM option -XX:AOTMode=off"));
    }

    /** Loads the configuration, and prints its warning. */
    private static LoadedConfig load(Arguments arguments, Map<String, String> overrides) throws InvalidConfig {
        LoadedConfig loaded = read(arguments, overrides);
        loaded.warning().ifPresent(warning -> StandardError.say("muster: " + warning));
        return loaded;
    }

    private static LoadedConfig read(Arguments arguments, Map<String, String> overrides) throws InvalidConfig {
        return ConfigLoader.load(arguments.file(), System.getenv(), overrides);
    }

    private static App serve(AppConfig config, LogWriter log, ProcessEnd end) throws IOException {
        App app = App.start(config, log, end::fail);
        LOG.log(
                Level.INFO,
                "serving on http://{0}:{1}, admin on http://{2}:{3}",
                config.server().host(),
                Integer.toString(app.port()),
                config.admin().host(),
                Integer.toString(app.adminPort()));
        return app;
    }

    private static void demo(Arguments arguments) throws InvalidConfig, IOException {
        ProcessEnd end = ProcessEnd.install();
        AppConfig first = loadBeforeBackends(arguments);
        LogWriter log = startLog(first, end);
        DemoBackends backends = startBackends(first);
        App app = serve(read(arguments, Map.of(BASE_URI, backends.baseUri())).config(), log, end);
        end.runs(why -> {
            try (backends) {
                return app.shutDown(why);
            }
        });
        // Through the log: after the lines before it, and without a wait for a reader.
        log.write(TRY.replace("8080", Integer.toString(app.port())));
    }

    private static void backends(Arguments arguments) throws InvalidConfig, IOException {
        ProcessEnd end = ProcessEnd.install();
        AppConfig config = loadBeforeBackends(arguments);
        startLog(config, end);
        DemoBackends backends = startBackends(config);
        end.runs(_ -> {
            backends.close();
            return Shutdown.CLEAN;
        });
        LOG.log(Level.INFO, "demo backends on {0}", backends.baseUri());
    }

    private static void probe(Arguments arguments) throws InvalidConfig {
        // The probe needs no backend.
        AdminConfig admin = load(arguments, UNKNOWN_BACKENDS).config().admin();
        Probe.whyNotReady(admin.host(), admin.port()).ifPresent(why -> exit(NOT_READY, "muster: " + why));
    }

    /** The configuration has the port of the demo backends, so it is read before they start. */
    private static AppConfig loadBeforeBackends(Arguments arguments) throws InvalidConfig {
        return load(arguments, UNKNOWN_BACKENDS).config();
    }

    private static DemoBackends startBackends(AppConfig config) throws IOException {
        String host = config.demo().host();
        int port = config.demo().port();
        try {
            return DemoBackends.start(host, port);
        } catch (BindException e) {
            throw new IOException("demo.port: cannot listen on " + host + ":" + port + ": " + e.getMessage(), e);
        }
    }

    private static LogWriter startLog(AppConfig config, ProcessEnd end) {
        LogWriter log = Logging.start(
                config.log().format() == LogFormat.JSON,
                Logging.standardOutput(),
                config.log().maxQueuedBytes());
        end.logsTo(log, config.shutdown().inAll());
        return log;
    }

    /** Prints the result of a command. A failure to print is an error: the disk may be full. */
    private static void print(String text) {
        System.out.print(text);
        if (System.out.checkError()) {
            exit(EX_IOERR, "muster: cannot write to standard output");
        }
    }

    private static void exit(int code, String message) {
        StandardError.say(message);
        System.exit(code);
    }
}
