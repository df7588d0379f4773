package io.attune.flows.config;

import io.attune.flows.yaml.YamlNode;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// A file that was read, its variables replaced.
///
/// @param label what messages call it
/// @param folder where relative paths in it start; null for a file that is in no folder
/// @param root its content
public record Document(String label, @Nullable Path folder, YamlNode root) {}
