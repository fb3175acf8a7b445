package dev.muster.backend;

/** What a call is made for, since a load of many ids must not hurt who asks for one: single requests go before bulk. */
public enum CallClass {
    /** A request for one id. */
    SINGLE,
    /** A request for many ids, which may hold no more than a share of a backend's connections. */
    BULK
}
