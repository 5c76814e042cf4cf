// Generated from Ops/ops.txt; edit that.
#include "shim.h"

EXPORT int tl_index(Handle input_, Handle const* indices_, int64_t indices_count, Handle* out) {
  return guard([&] { *out = wrap(index_at((*input_), tensors(indices_, indices_count))); });
}
EXPORT int tl_index_put_(Handle input_, Handle const* indices_, int64_t indices_count, Handle value_, bool accumulate_) {
  return guard([&] { index_put_at((*input_), tensors(indices_, indices_count), (*value_), accumulate_); });
}
EXPORT int tl_slice_2(Handle input_, int64_t dim_, NativeLong start_, NativeLong end_, int64_t step_, Handle* out) {
  return guard([&] { *out = wrap(at::slice((*input_), dim_, long_opt(start_), long_opt(end_), step_)); });
}
EXPORT int tl_zeros(const int64_t* size_, int64_t size_count, NativeSpec spec_, Handle* out) {
  return guard([&] { *out = wrap(at::zeros(ints(size_, size_count), options(spec_))); });
}
EXPORT int tl_ones(const int64_t* size_, int64_t size_count, NativeSpec spec_, Handle* out) {
  return guard([&] { *out = wrap(at::ones(ints(size_, size_count), options(spec_))); });
}
EXPORT int tl_empty(const int64_t* size_, int64_t size_count, NativeSpec spec_, Handle* out) {
  return guard([&] { *out = wrap(at::empty(ints(size_, size_count), options(spec_))); });
}
EXPORT int tl_full(const int64_t* size_, int64_t size_count, NativeScalar value_, NativeSpec spec_, Handle* out) {
  return guard([&] { *out = wrap(at::full(ints(size_, size_count), scalar(value_), options(spec_))); });
}
EXPORT int tl_rand(const int64_t* size_, int64_t size_count, GeneratorHandle generator_, NativeSpec spec_, Handle* out) {
  return guard([&] { *out = wrap(at::rand(ints(size_, size_count), generator_opt(generator_), options(spec_))); });
}
EXPORT int tl_randn(const int64_t* size_, int64_t size_count, GeneratorHandle generator_, NativeSpec spec_, Handle* out) {
  return guard([&] { *out = wrap(at::randn(ints(size_, size_count), generator_opt(generator_), options(spec_))); });
}
EXPORT int tl_randint(int64_t low_, int64_t high_, const int64_t* size_, int64_t size_count, GeneratorHandle generator_, NativeSpec spec_, Handle* out) {
  return guard([&] { *out = wrap(at::randint(low_, high_, ints(size_, size_count), generator_opt(generator_), options(spec_))); });
}
EXPORT int tl_randperm(int64_t n_, GeneratorHandle generator_, NativeSpec spec_, Handle* out) {
  return guard([&] { *out = wrap(at::randperm(n_, generator_opt(generator_), options(spec_))); });
}
EXPORT int tl_arange(NativeScalar start_, NativeScalar stop_, NativeScalar step_, NativeSpec spec_, Handle* out) {
  return guard([&] { *out = wrap(at::arange(scalar(start_), scalar(stop_), scalar(step_), options(spec_))); });
}
EXPORT int tl_linspace(double start_, double end_, int64_t steps_, NativeSpec spec_, Handle* out) {
  return guard([&] { *out = wrap(at::linspace(start_, end_, steps_, options(spec_))); });
}
EXPORT int tl_eye(int64_t rows_, int64_t columns_, NativeSpec spec_, Handle* out) {
  return guard([&] { *out = wrap(at::eye(rows_, columns_, options(spec_))); });
}
