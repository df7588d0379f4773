package io.attune.flows.yaml;

/// A place in a file.
///
/// @param file the file as the user named it
/// @param line the line, from 1; 0 for the file as a whole
public record Place(String file, int line) {}
