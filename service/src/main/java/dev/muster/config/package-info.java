/** The configuration: four layers of settings, read and checked as a whole into records before anything starts. */
@NullMarked
package dev.muster.config;

import org.jspecify.annotations.NullMarked;
