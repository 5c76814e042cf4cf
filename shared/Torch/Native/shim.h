// The C boundary between libtorch and the managed side. Every export catches everything and answers with a status.
#pragma once
#include <ATen/ATen.h>
#include <torch/version.h>
#include <cstdint>
#include <cstdlib>
#include <tuple>
#include <vector>

#define EXPORT extern "C" __attribute__((visibility("default")))

#if TORCH_VERSION_MAJOR >= 2
#include <optional>
template <typename T> using Opt = std::optional<T>;
#define NONE std::nullopt
#else
template <typename T> using Opt = c10::optional<T>;
#define NONE c10::nullopt
#endif

using Handle = at::Tensor*;
using GeneratorHandle = at::Generator*;

// A number as the managed Scalar holds it; tag 0 means "absent".
struct NativeScalar { int64_t tag; int64_t bits; };
struct NativeLong { int64_t present; int64_t value; };
struct NativeDouble { int64_t present; double value; };
// dtype -1: the default; device_type -1: CPU.
struct NativeSpec { int64_t dtype; int64_t device_type; int64_t device_index; };

void remember(const char* message);
void remember_current();
Handle wrap(at::Tensor&& tensor);
Handle wrap_or_null(at::Tensor&& tensor);
void wrap_list(std::vector<at::Tensor>&& tensors, Handle** result, int64_t* count);

// Runs one call; 0 means success, anything else that last_error holds the message.
template <typename Call> inline int guard(Call&& call) {
  try { call(); return 0; } catch (...) { remember_current(); return 1; }
}

inline at::Scalar scalar(NativeScalar s) {
  double d;
  static_assert(sizeof d == sizeof s.bits);
  __builtin_memcpy(&d, &s.bits, sizeof d);
  return s.tag == 1 ? at::Scalar(d) : s.tag == 2 ? at::Scalar(s.bits) : at::Scalar(s.bits != 0);
}
inline Opt<at::Scalar> scalar_opt(NativeScalar s) {
  return s.tag == 0 ? Opt<at::Scalar>() : Opt<at::Scalar>(scalar(s));
}
inline Opt<int64_t> long_opt(NativeLong v) { return v.present ? Opt<int64_t>(v.value) : Opt<int64_t>(); }
inline Opt<double> double_opt(NativeDouble v) { return v.present ? Opt<double>(v.value) : Opt<double>(); }
inline Opt<at::Tensor> tensor_opt(Handle h) { return h ? Opt<at::Tensor>(*h) : Opt<at::Tensor>(); }
inline at::ScalarType dtype(int64_t code) { return static_cast<at::ScalarType>(code); }
inline Opt<at::ScalarType> dtype_opt(int64_t code) {
  return code < 0 ? Opt<at::ScalarType>() : Opt<at::ScalarType>(dtype(code));
}
inline at::IntArrayRef ints(const int64_t* values, int64_t count) {
  return at::IntArrayRef(values, count < 0 ? 0 : static_cast<size_t>(count));
}
inline at::OptionalIntArrayRef ints_opt(const int64_t* values, int64_t count) {
  return count < 0 ? at::OptionalIntArrayRef() : at::OptionalIntArrayRef(ints(values, count));
}
inline Opt<at::ArrayRef<double>> doubles_opt(const double* values, int64_t count) {
  return count < 0 ? Opt<at::ArrayRef<double>>()
                   : Opt<at::ArrayRef<double>>(at::ArrayRef<double>(values, static_cast<size_t>(count)));
}
inline std::vector<at::Tensor> tensors(Handle const* handles, int64_t count) {
  std::vector<at::Tensor> list;
  list.reserve(count);
  for (int64_t i = 0; i < count; i++) list.push_back(handles[i] ? *handles[i] : at::Tensor());
  return list;
}
inline Opt<at::Generator> generator_opt(GeneratorHandle g) { return g ? Opt<at::Generator>(*g) : Opt<at::Generator>(); }
inline at::Device device(int64_t type, int64_t index) {
  return at::Device(static_cast<at::DeviceType>(type), static_cast<at::DeviceIndex>(index));
}
inline at::TensorOptions options(NativeSpec spec) {
  auto result = at::TensorOptions().device(spec.device_type < 0 ? at::Device(at::kCPU)
                                                                : device(spec.device_type, spec.device_index));
  return spec.dtype < 0 ? result : result.dtype(dtype(spec.dtype));
}

// Small compositions that the op table names.
at::Tensor divide(const at::Tensor& self, const at::Tensor& other, int64_t rounding);
at::Tensor divide(const at::Tensor& self, const at::Scalar& other, int64_t rounding);
void divide_(at::Tensor& self, const at::Tensor& other, int64_t rounding);
void divide_(at::Tensor& self, const at::Scalar& other, int64_t rounding);
std::tuple<at::Tensor, at::Tensor, at::Tensor> unique(
    const at::Tensor& self, bool sorted, bool inverse, bool counts, Opt<int64_t> dim);
at::Tensor cast(const at::Tensor& self, Opt<at::ScalarType> type);
std::vector<int64_t> unflattened(const at::Tensor& self, int64_t dim, at::IntArrayRef sizes);
std::vector<int64_t> dim_list(Opt<int64_t> dim);
std::vector<int64_t> or_else(at::IntArrayRef values, int64_t fallback, size_t count = 2);
at::Tensor index_at(const at::Tensor& self, const std::vector<at::Tensor>& indices);
void index_put_at(at::Tensor& self, const std::vector<at::Tensor>& indices, const at::Tensor& value, bool accumulate);
const char* gelu_kind(int64_t approximate);
at::Tensor attention(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value,
                     const Opt<at::Tensor>& mask, double dropout, bool causal);
at::Tensor interpolate(const at::Tensor& x, at::OptionalIntArrayRef size, Opt<at::ArrayRef<double>> scale,
                       int64_t mode, int64_t align_corners);
at::Tensor pad(const at::Tensor& input, at::IntArrayRef padding, int64_t mode, double value);
at::Tensor reduce(const at::Tensor& loss, int64_t reduction);
