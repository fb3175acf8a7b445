/** The guard around Helidon's HTTP/1.1 connections: what a client may hold, for how long, and whether it is still there. */
@NullMarked
package dev.muster.connection;

import org.jspecify.annotations.NullMarked;
