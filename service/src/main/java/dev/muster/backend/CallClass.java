package dev.muster.backend;

/** The priority of a call that waits for a connection, highest first; see {@link Permits}. */
public enum CallClass {
    /** For an admitted request. It has had its turn at another backend, and would lose the work done there. */
    ADMITTED,
    /** For a request that is not admitted yet, or that can do without this call. */
    SINGLE,
    /** For an id of a batch. These calls may hold only a share of a backend's connections. */
    BULK
}
