/// YAML as a bounded tree with line numbers; start with [YamlParser], then [Keys].
@NullMarked
package io.attune.flows.yaml;

import org.jspecify.annotations.NullMarked;
