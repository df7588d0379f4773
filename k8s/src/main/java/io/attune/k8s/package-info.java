/// The place of the Kubernetes export; it has no code yet.
@NullMarked
package io.attune.k8s;

import org.jspecify.annotations.NullMarked;
