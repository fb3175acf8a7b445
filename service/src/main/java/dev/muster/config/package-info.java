/** The configuration: keys, types and rules, checked as a whole before anything starts. */
@NullMarked
package dev.muster.config;

import org.jspecify.annotations.NullMarked;
