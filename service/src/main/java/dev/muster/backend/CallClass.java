package dev.muster.backend;

/** Who goes before whom where calls wait for a connection, in this order; see {@link Permits}. */
public enum CallClass {
    /** For a request that has had its turn at another backend: what it has there would be in vain. */
    BEGUN,
    /** For a request that has not begun, or that can do without. */
    SINGLE,
    /** For one of many ids, which may hold no more than a share of a backend's connections. */
    BULK
}
