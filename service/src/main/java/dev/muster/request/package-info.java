/** What a client asks for: its request's head and body, read and checked. */
@NullMarked
package dev.muster.request;

import org.jspecify.annotations.NullMarked;
