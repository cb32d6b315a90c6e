// Memory for large tensors comes from the heap and goes back there. Otherwise the C library fetches it from the system
// for each of them anew, which clears it first, page by page: in a training step every tensor finds one of the step before.

#include <cstdlib>

#ifdef __GLIBC__
#include <malloc.h>

#include <climits>

namespace {

const bool kept = mallopt(M_MMAP_THRESHOLD, 1 << 30) != 0 && mallopt(M_TRIM_THRESHOLD, INT_MAX) != 0;

}  // namespace
#endif
