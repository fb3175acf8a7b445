/** Calls to the HTTP backends: one blocking exchange each, on pooled connections, ended by an interrupt. */
@NullMarked
package dev.muster.backend;

import org.jspecify.annotations.NullMarked;
