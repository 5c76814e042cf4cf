// Small compositions that the op table names, where one at:: function is not enough.
#include "shim.h"
#include <cmath>

static const char* rounding_name(int64_t rounding) { return rounding == 1 ? "trunc" : "floor"; }

at::Tensor divide(const at::Tensor& self, const at::Tensor& other, int64_t rounding) {
  return rounding == 0 ? at::div(self, other) : at::div(self, other, rounding_name(rounding));
}
at::Tensor divide(const at::Tensor& self, const at::Scalar& other, int64_t rounding) {
  return rounding == 0 ? at::div(self, other) : at::div(self, other, rounding_name(rounding));
}
void divide_(at::Tensor& self, const at::Tensor& other, int64_t rounding) {
  if (rounding == 0) self.div_(other); else self.div_(other, rounding_name(rounding));
}
void divide_(at::Tensor& self, const at::Scalar& other, int64_t rounding) {
  if (rounding == 0) self.div_(other); else self.div_(other, rounding_name(rounding));
}

std::tuple<at::Tensor, at::Tensor, at::Tensor> unique(
    const at::Tensor& self, bool sorted, bool inverse, bool counts, Opt<int64_t> dim) {
  return dim ? at::unique_dim(self, *dim, sorted, inverse, counts) : at::_unique2(self, sorted, inverse, counts);
}

at::Tensor cast(const at::Tensor& self, Opt<at::ScalarType> type) { return type ? self.to(*type) : self; }

std::vector<int64_t> unflattened(const at::Tensor& self, int64_t dim, at::IntArrayRef sizes) {
  std::vector<int64_t> shape;
  if (dim < 0) dim += self.dim();
  for (int64_t i = 0; i < self.dim(); i++)
    if (i == dim) shape.insert(shape.end(), sizes.begin(), sizes.end());
    else shape.push_back(self.size(i));
  return shape;
}

std::vector<int64_t> dim_list(Opt<int64_t> dim) { return dim ? std::vector<int64_t>{*dim} : std::vector<int64_t>{}; }

std::vector<int64_t> or_else(at::IntArrayRef values, int64_t fallback, size_t count) {
  return values.empty() ? std::vector<int64_t>(count, fallback) : values.vec();
}

static c10::List<Opt<at::Tensor>> positions(const std::vector<at::Tensor>& indices) {
  c10::List<Opt<at::Tensor>> list;
  for (const auto& index : indices) list.push_back(index.defined() ? Opt<at::Tensor>(index) : Opt<at::Tensor>());
  return list;
}
at::Tensor index_at(const at::Tensor& self, const std::vector<at::Tensor>& indices) {
  return at::index(self, positions(indices));
}
void index_put_at(at::Tensor& self, const std::vector<at::Tensor>& indices, const at::Tensor& value, bool accumulate) {
  self.index_put_(positions(indices), value, accumulate);
}

const char* gelu_kind(int64_t approximate) { return approximate == 1 ? "tanh" : "none"; }

// softmax(q kᵀ / sqrt(d) + mask) v; written out because the fused operator exists only from 2.0 on.
at::Tensor attention(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value,
                     const Opt<at::Tensor>& mask, double dropout, bool causal) {
  auto scores = at::matmul(query, key.transpose(-2, -1)).mul(1.0 / std::sqrt(static_cast<double>(query.size(-1))));
  if (causal) {
    auto keep = at::ones({query.size(-2), key.size(-2)}, query.options().dtype(at::kBool)).tril();
    scores = scores.masked_fill(keep.logical_not(), -INFINITY);
  }
  if (mask)
    scores = mask->scalar_type() == at::kBool ? scores.masked_fill(mask->logical_not(), -INFINITY) : scores + *mask;
  auto weights = at::softmax(scores, -1);
  if (dropout > 0) weights = at::dropout(weights, dropout, true);
  return at::matmul(weights, value);
}

at::Tensor interpolate(const at::Tensor& x, at::OptionalIntArrayRef size, Opt<at::ArrayRef<double>> scale,
                       int64_t mode, int64_t align_corners) {
  TORCH_CHECK(x.dim() == 4, "interpolate: only [N, C, H, W] is in this subset, the input has ", x.dim(), " dimensions");
  switch (mode) {
    case 0: return at::upsample_nearest2d(x, size, scale);
    case 2: return at::upsample_bilinear2d(x, size, align_corners == 1, scale);
    case 3: return at::upsample_bicubic2d(x, size, align_corners == 1, scale);
    default: TORCH_CHECK(false, "interpolate: mode ", mode, " is not in this subset (nearest, bilinear, bicubic are)");
  }
}

at::Tensor pad(const at::Tensor& input, at::IntArrayRef padding, int64_t mode, double value) {
  if (mode == 0 || mode == 4) return at::constant_pad_nd(input, padding, value);
  if (mode == 1 && padding.size() == 4) return at::reflection_pad2d(input, padding);
  if (mode == 1 && padding.size() == 2) return at::reflection_pad1d(input, padding);
  if (mode == 2 && padding.size() == 4) return at::replication_pad2d(input, padding);
  TORCH_CHECK(false, "pad: mode ", mode, " with ", padding.size(), " widths is not in this subset");
}

at::Tensor reduce(const at::Tensor& loss, int64_t reduction) {
  return reduction == at::Reduction::Mean ? loss.mean() : reduction == at::Reduction::Sum ? loss.sum() : loss;
}
