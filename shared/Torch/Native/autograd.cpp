// Gradients, grad mode and random number generators.
#include "shim.h"
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/autograd.h>

EXPORT bool tl_requires_grad(Handle h) { return h->requires_grad(); }
EXPORT int tl_set_requires_grad(Handle h, bool on) { return guard([&] { h->set_requires_grad(on); }); }
EXPORT bool tl_is_leaf(Handle h) { return h->is_leaf(); }
EXPORT int tl_retain_grad(Handle h) { return guard([&] { h->retain_grad(); }); }
EXPORT int tl_grad(Handle h, Handle* out) {
  return guard([&] { *out = h->grad().defined() ? wrap(at::Tensor(h->grad())) : nullptr; });
}
EXPORT int tl_set_grad(Handle h, Handle grad) {
  return guard([&] { h->mutable_grad() = grad ? *grad : at::Tensor(); });
}

EXPORT int tl_backward(Handle const* roots, int64_t root_count, Handle const* grads, int64_t grad_count,
                       bool retain_graph, bool create_graph, Handle const* inputs, int64_t input_count) {
  return guard([&] {
    torch::autograd::backward(tensors(roots, root_count), tensors(grads, grad_count),
                              Opt<bool>(retain_graph), create_graph, tensors(inputs, input_count));
  });
}

EXPORT int tl_autograd_grad(Handle const* outputs, int64_t output_count, Handle const* inputs, int64_t input_count,
                            Handle const* grads, int64_t grad_count, bool retain_graph, bool create_graph,
                            bool allow_unused, Handle** result, int64_t* count) {
  return guard([&] {
    wrap_list(torch::autograd::grad(tensors(outputs, output_count), tensors(inputs, input_count),
                                    tensors(grads, grad_count), Opt<bool>(retain_graph), create_graph, allow_unused),
              result, count);
  });
}

EXPORT bool tl_grad_enabled() { return at::GradMode::is_enabled(); }
EXPORT void tl_set_grad_enabled(bool on) { at::GradMode::set_enabled(on); }

EXPORT int tl_generator(uint64_t seed, int64_t device_type, int64_t device_index, GeneratorHandle* out) {
  return guard([&] {
    at::Generator made;
    if (device_type == static_cast<int64_t>(at::kCUDA))
      made = at::globalContext().defaultGenerator(device(device_type, device_index < 0 ? 0 : device_index)).clone();
    else
      made = at::make_generator<at::CPUGeneratorImpl>(seed);
    made.set_current_seed(seed);
    *out = new at::Generator(made);
  });
}
EXPORT int tl_generator_default(GeneratorHandle* out) {
  return guard([&] { *out = new at::Generator(at::detail::getDefaultCPUGenerator()); });
}
EXPORT void tl_generator_free(GeneratorHandle g) { delete g; }
EXPORT int tl_generator_set_seed(GeneratorHandle g, uint64_t seed) {
  return guard([&] {
    std::lock_guard<std::mutex> lock(g->mutex());
    g->set_current_seed(seed);
  });
}
EXPORT int tl_generator_seed(GeneratorHandle g, uint64_t* seed) {
  return guard([&] { *seed = g->current_seed(); });
}
EXPORT int tl_generator_reseed(GeneratorHandle g, uint64_t* seed) {
  return guard([&] {
    std::lock_guard<std::mutex> lock(g->mutex());
    *seed = g->seed();
  });
}
EXPORT int tl_generator_get_state(GeneratorHandle g, Handle* out) {
  return guard([&] {
    std::lock_guard<std::mutex> lock(g->mutex());
    *out = wrap(g->get_state());
  });
}
EXPORT int tl_generator_set_state(GeneratorHandle g, Handle state) {
  return guard([&] {
    std::lock_guard<std::mutex> lock(g->mutex());
    g->set_state(*state);
  });
}
EXPORT int tl_manual_seed(uint64_t seed) {
  return guard([&] { at::manual_seed(seed); });
}
