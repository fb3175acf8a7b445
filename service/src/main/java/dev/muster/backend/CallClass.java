package dev.muster.backend;

/** The priority of a call that waits for a connection, highest first; see {@link Permits}. */
public enum CallClass {
    /** For a request that has had its turn at another backend, and would lose the work done there. */
    BEGUN,
    /** For a request that has not begun, or that can do without this call. */
    SINGLE,
    /** For an id of a batch. These calls may hold only a share of a backend's connections. */
    BULK
}
