/**
 * The demo backends: users, posts and friends on one port, which misbehave where an id orders it.
 *
 * <p>{@link dev.muster.demo.DemoBackends} is the server; a {@code DemoConnection} serves one socket. {@code Orders}
 * reads what an id orders, {@code DemoAnswers} makes the answer from {@code DemoData}, and the connection sends it the
 * way that was ordered.
 */
@NullMarked
package dev.muster.demo;

import org.jspecify.annotations.NullMarked;
