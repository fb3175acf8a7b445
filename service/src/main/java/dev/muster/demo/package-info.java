/**
 * The demo backends: all on one port, with the faults in an id.
 *
 * <p>{@link dev.muster.demo.DemoBackends} is the server; a {@code DemoConnection} serves one socket. {@code Faults}
 * reads the faults in an id, {@code DemoAnswers} makes the answer from {@code DemoData}, and the connection delivers it.
 */
@NullMarked
package dev.muster.demo;

import org.jspecify.annotations.NullMarked;
