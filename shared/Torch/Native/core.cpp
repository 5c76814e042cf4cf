// Handles, errors, shape and data access, threads and device queries.
#include "shim.h"
#include <ATen/Parallel.h>
#include <torch/cuda.h>
#include <atomic>
#include <cstring>
#include <string>

namespace {
std::atomic<int64_t> live{0};
thread_local std::string last_message;
}

void remember(const char* message) { last_message = message; }

void remember_current() {
  try { throw; }
  catch (const c10::Error& e) { last_message = e.what_without_backtrace(); }
  catch (const std::exception& e) { last_message = e.what(); }
  catch (...) { last_message = "libtorch raised an exception of unknown type"; }
}

Handle wrap(at::Tensor&& tensor) {
  auto handle = new at::Tensor(std::move(tensor));
  live.fetch_add(1, std::memory_order_relaxed);
  return handle;
}

Handle wrap_or_null(at::Tensor&& tensor) { return tensor.defined() ? wrap(std::move(tensor)) : nullptr; }

void wrap_list(std::vector<at::Tensor>&& tensors, Handle** result, int64_t* count) {
  auto list = static_cast<Handle*>(std::malloc(sizeof(Handle) * (tensors.size() + 1)));
  for (size_t i = 0; i < tensors.size(); i++) list[i] = wrap_or_null(std::move(tensors[i]));
  *result = list;
  *count = static_cast<int64_t>(tensors.size());
}

EXPORT const char* tl_last_error() { return last_message.c_str(); }
EXPORT int64_t tl_live_handles() { return live.load(); }
EXPORT const char* tl_version() { return TORCH_VERSION; }
EXPORT void tl_free_list(Handle* list) { std::free(list); }
EXPORT void tl_free(Handle h) {
  live.fetch_sub(1, std::memory_order_relaxed);
  try { delete h; } catch (...) { remember_current(); }
}

EXPORT int64_t tl_dim(Handle h) { return h->dim(); }
EXPORT int64_t tl_numel(Handle h) { return h->numel(); }
EXPORT int64_t tl_dtype(Handle h) { return static_cast<int64_t>(h->scalar_type()); }
EXPORT void tl_sizes(Handle h, int64_t* sizes) {
  auto s = h->sizes();
  std::memcpy(sizes, s.data(), s.size() * sizeof(int64_t));
}
EXPORT int tl_size(Handle h, int64_t dim, int64_t* size) { return guard([&] { *size = h->size(dim); }); }
EXPORT int tl_strides(Handle h, int64_t* strides) {
  return guard([&] {
    auto s = h->strides();
    std::memcpy(strides, s.data(), s.size() * sizeof(int64_t));
  });
}
EXPORT int64_t tl_element_size(Handle h) { return h->element_size(); }
EXPORT int tl_storage_offset(Handle h, int64_t* offset) { return guard([&] { *offset = h->storage_offset(); }); }
EXPORT int64_t tl_device_type(Handle h) { return static_cast<int64_t>(h->device().type()); }
EXPORT int64_t tl_device_index(Handle h) { return h->device().index(); }
EXPORT bool tl_is_contiguous(Handle h) { return h->is_contiguous(); }
EXPORT int tl_data(Handle h, void** data) { return guard([&] { *data = h->data_ptr(); }); }

EXPORT int tl_to(Handle h, NativeSpec spec, bool copy, bool non_blocking, Handle* out) {
  return guard([&] {
    auto target = h->options();
    if (spec.dtype >= 0) target = target.dtype(dtype(spec.dtype));
    if (spec.device_type >= 0) target = target.device(device(spec.device_type, spec.device_index));
    *out = wrap(h->to(target, non_blocking, copy));
  });
}

// The one element as a number: tag 1 double, 2 integer, 3 bool.
EXPORT int tl_item(Handle h, NativeScalar* out) {
  return guard([&] {
    TORCH_CHECK(h->numel() == 1, "a Tensor with ", h->numel(), " elements cannot be converted to Scalar");
    auto type = h->scalar_type();
    if (type == at::kBool) { *out = {3, h->item<bool>() ? 1 : 0}; return; }
    if (at::isIntegralType(type, false)) { *out = {2, h->item<int64_t>()}; return; }
    auto value = h->item<double>();
    out->tag = 1;
    std::memcpy(&out->bits, &value, sizeof value);
  });
}

EXPORT void tl_set_num_threads(int32_t count) { guard([&] { at::set_num_threads(count); }); }
EXPORT int32_t tl_get_num_threads() { return at::get_num_threads(); }
EXPORT void tl_set_num_interop_threads(int32_t count) { guard([&] { at::set_num_interop_threads(count); }); }
EXPORT int32_t tl_get_num_interop_threads() { return static_cast<int32_t>(at::get_num_interop_threads()); }
EXPORT int32_t tl_cuda_count() {
  int32_t count = 0;
  guard([&] { count = static_cast<int32_t>(torch::cuda::device_count()); });
  return count;
}
EXPORT bool tl_has_cudnn() {
  bool present = false;
  guard([&] { present = torch::cuda::cudnn_is_available(); });
  return present;
}
EXPORT int tl_cuda_synchronize(int64_t index) { return guard([&] { torch::cuda::synchronize(index); }); }
