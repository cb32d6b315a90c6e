/**
 * Registers the gradients of TensorFlow.js's own operations, as soon as this file is imported. On Node the core package
 * comes without them, in a build that an ES module can load; the layers package has them built in.
 */
import '@tensorflow/tfjs-layers'
