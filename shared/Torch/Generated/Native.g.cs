// Generated from Ops/ops.txt; edit that.
#nullable enable
using System.Runtime.InteropServices;

namespace TorchSharp;

internal static unsafe partial class Native
{
    [DllImport(Library)]
    internal static extern int tl_abs(nint self, nint* result);

    [DllImport(Library)]
    internal static extern int tl_abs_(nint self);

    [DllImport(Library)]
    internal static extern int tl_acos(nint self, nint* result);

    [DllImport(Library)]
    internal static extern int tl_arccos(nint self, nint* result);

    [DllImport(Library)]
    internal static extern int tl_asin(nint self, nint* result);

    [DllImport(Library)]
    internal static extern int tl_atan(nint self, nint* result);

    [DllImport(Library)]
    internal static extern int tl_atan2(nint self, nint other, nint* result);

    [DllImport(Library)]
    internal static extern int tl_ceil(nint self, nint* result);

    [DllImport(Library)]
    internal static extern int tl_ceil_(nint self);

    [DllImport(Library)]
    internal static extern int tl_cos(nint self, nint* result);

    [DllImport(Library)]
    internal static extern int tl_cos_(nint self);

    [DllImport(Library)]
    internal static extern int tl_cosh(nint self, nint* result);

    [DllImport(Library)]
    internal static extern int tl_erf(nint self, nint* result);

    [DllImport(Library)]
    internal static extern int tl_erf_(nint self);

    [DllImport(Library)]
    internal static extern int tl_erfc(nint self, nint* result);

    [DllImport(Library)]
    internal static extern int tl_erfinv(nint self, nint* result);

    [DllImport(Library)]
    internal static extern int tl_exp(nint self, nint* result);

    [DllImport(Library)]
    internal static extern int tl_exp_(nint self);

    [DllImport(Library)]
    internal static extern int tl_expm1(nint self, nint* result);

    [DllImport(Library)]
    internal static extern int tl_floor(nint self, nint* result);

    [DllImport(Library)]
    internal static extern int tl_floor_(nint self);

    [DllImport(Library)]
    internal static extern int tl_frac(nint self, nint* result);

    [DllImport(Library)]
    internal static extern int tl_log(nint self, nint* result);

    [DllImport(Library)]
    internal static extern int tl_log_(nint self);

    [DllImport(Library)]
    internal static extern int tl_log10(nint self, nint* result);

    [DllImport(Library)]
    internal static extern int tl_log1p(nint self, nint* result);

    [DllImport(Library)]
    internal static extern int tl_log2(nint self, nint* result);

    [DllImport(Library)]
    internal static extern int tl_neg(nint self, nint* result);

    [DllImport(Library)]
    internal static extern int tl_neg_(nint self);

    [DllImport(Library)]
    internal static extern int tl_negative(nint self, nint* result);

    [DllImport(Library)]
    internal static extern int tl_positive(nint self, nint* result);

    [DllImport(Library)]
    internal static extern int tl_reciprocal(nint self, nint* result);

    [DllImport(Library)]
    internal static extern int tl_reciprocal_(nint self);

    [DllImport(Library)]
    internal static extern int tl_relu(nint self, nint* result);

    [DllImport(Library)]
    internal static extern int tl_relu_(nint self);

    [DllImport(Library)]
    internal static extern int tl_round(nint self, long decimals, nint* result);

    [DllImport(Library)]
    internal static extern int tl_round_(nint self, long decimals);

    [DllImport(Library)]
    internal static extern int tl_rsqrt(nint self, nint* result);

    [DllImport(Library)]
    internal static extern int tl_rsqrt_(nint self);

    [DllImport(Library)]
    internal static extern int tl_sigmoid(nint self, nint* result);

    [DllImport(Library)]
    internal static extern int tl_sigmoid_(nint self);

    [DllImport(Library)]
    internal static extern int tl_sign(nint self, nint* result);

    [DllImport(Library)]
    internal static extern int tl_sign_(nint self);

    [DllImport(Library)]
    internal static extern int tl_silu(nint self, nint* result);

    [DllImport(Library)]
    internal static extern int tl_silu_(nint self);

    [DllImport(Library)]
    internal static extern int tl_sin(nint self, nint* result);

    [DllImport(Library)]
    internal static extern int tl_sin_(nint self);

    [DllImport(Library)]
    internal static extern int tl_sinh(nint self, nint* result);

    [DllImport(Library)]
    internal static extern int tl_sqrt(nint self, nint* result);

    [DllImport(Library)]
    internal static extern int tl_sqrt_(nint self);

    [DllImport(Library)]
    internal static extern int tl_square(nint self, nint* result);

    [DllImport(Library)]
    internal static extern int tl_tan(nint self, nint* result);

    [DllImport(Library)]
    internal static extern int tl_tanh(nint self, nint* result);

    [DllImport(Library)]
    internal static extern int tl_tanh_(nint self);

    [DllImport(Library)]
    internal static extern int tl_trunc(nint self, nint* result);

    [DllImport(Library)]
    internal static extern int tl_softplus(nint self, double beta, double threshold, nint* result);

    [DllImport(Library)]
    internal static extern int tl_log_sigmoid(nint self, nint* result);

    [DllImport(Library)]
    internal static extern int tl_lgamma(nint self, nint* result);

    [DllImport(Library)]
    internal static extern int tl_digamma(nint self, nint* result);

    [DllImport(Library)]
    internal static extern int tl_isfinite(nint self, nint* result);

    [DllImport(Library)]
    internal static extern int tl_isinf(nint self, nint* result);

    [DllImport(Library)]
    internal static extern int tl_isnan(nint self, nint* result);

    [DllImport(Library)]
    internal static extern int tl_logical_not(nint self, nint* result);

    [DllImport(Library)]
    internal static extern int tl_logical_not_(nint self);

    [DllImport(Library)]
    internal static extern int tl_bitwise_not(nint self, nint* result);

    [DllImport(Library)]
    internal static extern int tl_add(nint self, nint target, nint* result);

    [DllImport(Library)]
    internal static extern int tl_add_2(nint self, nint target, NativeScalar alpha, nint* result);

    [DllImport(Library)]
    internal static extern int tl_add_3(nint self, NativeScalar scalar, nint* result);

    [DllImport(Library)]
    internal static extern int tl_add_4(nint self, NativeScalar scalar, NativeScalar alpha, nint* result);

    [DllImport(Library)]
    internal static extern int tl_add_(nint self, nint target);

    [DllImport(Library)]
    internal static extern int tl_add__2(nint self, nint target, NativeScalar alpha);

    [DllImport(Library)]
    internal static extern int tl_add__3(nint self, NativeScalar scalar);

    [DllImport(Library)]
    internal static extern int tl_add__4(nint self, NativeScalar scalar, NativeScalar alpha);

    [DllImport(Library)]
    internal static extern int tl_sub(nint self, nint target, nint* result);

    [DllImport(Library)]
    internal static extern int tl_sub_2(nint self, NativeScalar target, nint* result);

    [DllImport(Library)]
    internal static extern int tl_sub_(nint self, nint target);

    [DllImport(Library)]
    internal static extern int tl_sub__2(nint self, NativeScalar target);

    [DllImport(Library)]
    internal static extern int tl_mul(nint self, nint target, nint* result);

    [DllImport(Library)]
    internal static extern int tl_mul_2(nint self, NativeScalar target, nint* result);

    [DllImport(Library)]
    internal static extern int tl_mul_(nint self, nint target);

    [DllImport(Library)]
    internal static extern int tl_mul__2(nint self, NativeScalar target);

    [DllImport(Library)]
    internal static extern int tl_div(nint self, nint target, long rounding_mode, nint* result);

    [DllImport(Library)]
    internal static extern int tl_div_2(nint self, NativeScalar target, long rounding_mode, nint* result);

    [DllImport(Library)]
    internal static extern int tl_div_(nint self, nint target, long rounding_mode);

    [DllImport(Library)]
    internal static extern int tl_div__2(nint self, NativeScalar target, long rounding_mode);

    [DllImport(Library)]
    internal static extern int tl_pow(nint self, nint exponent, nint* result);

    [DllImport(Library)]
    internal static extern int tl_pow_2(nint self, NativeScalar exponent, nint* result);

    [DllImport(Library)]
    internal static extern int tl_pow_(nint self, nint exponent);

    [DllImport(Library)]
    internal static extern int tl_pow__2(nint self, NativeScalar exponent);

    [DllImport(Library)]
    internal static extern int tl_remainder(nint self, nint target, nint* result);

    [DllImport(Library)]
    internal static extern int tl_remainder_2(nint self, NativeScalar scalar, nint* result);

    [DllImport(Library)]
    internal static extern int tl_remainder_(nint self, nint target);

    [DllImport(Library)]
    internal static extern int tl_remainder__2(nint self, NativeScalar scalar);

    [DllImport(Library)]
    internal static extern int tl_fmod(nint self, nint target, nint* result);

    [DllImport(Library)]
    internal static extern int tl_fmod_2(nint self, NativeScalar scalar, nint* result);

    [DllImport(Library)]
    internal static extern int tl_floor_divide(nint self, nint other, nint* result);

    [DllImport(Library)]
    internal static extern int tl_floor_divide_2(nint self, NativeScalar other, nint* result);

    [DllImport(Library)]
    internal static extern int tl_maximum(nint self, nint other, nint* result);

    [DllImport(Library)]
    internal static extern int tl_minimum(nint self, nint other, nint* result);

    [DllImport(Library)]
    internal static extern int tl_fmax(nint self, nint other, nint* result);

    [DllImport(Library)]
    internal static extern int tl_fmin(nint self, nint other, nint* result);

    [DllImport(Library)]
    internal static extern int tl_eq(nint self, nint target, nint* result);

    [DllImport(Library)]
    internal static extern int tl_eq_2(nint self, NativeScalar target, nint* result);

    [DllImport(Library)]
    internal static extern int tl_ne(nint self, nint target, nint* result);

    [DllImport(Library)]
    internal static extern int tl_ne_2(nint self, NativeScalar target, nint* result);

    [DllImport(Library)]
    internal static extern int tl_lt(nint self, nint target, nint* result);

    [DllImport(Library)]
    internal static extern int tl_lt_2(nint self, NativeScalar target, nint* result);

    [DllImport(Library)]
    internal static extern int tl_le(nint self, nint target, nint* result);

    [DllImport(Library)]
    internal static extern int tl_le_2(nint self, NativeScalar target, nint* result);

    [DllImport(Library)]
    internal static extern int tl_gt(nint self, nint target, nint* result);

    [DllImport(Library)]
    internal static extern int tl_gt_2(nint self, NativeScalar target, nint* result);

    [DllImport(Library)]
    internal static extern int tl_ge(nint self, nint target, nint* result);

    [DllImport(Library)]
    internal static extern int tl_ge_2(nint self, NativeScalar target, nint* result);

    [DllImport(Library)]
    internal static extern int tl_eq_(nint self, nint target);

    [DllImport(Library)]
    internal static extern int tl_eq__2(nint self, NativeScalar target);

    [DllImport(Library)]
    internal static extern int tl_ne_(nint self, nint target);

    [DllImport(Library)]
    internal static extern int tl_ne__2(nint self, NativeScalar target);

    [DllImport(Library)]
    internal static extern int tl_lt_(nint self, nint target);

    [DllImport(Library)]
    internal static extern int tl_lt__2(nint self, NativeScalar target);

    [DllImport(Library)]
    internal static extern int tl_le_(nint self, nint target);

    [DllImport(Library)]
    internal static extern int tl_le__2(nint self, NativeScalar target);

    [DllImport(Library)]
    internal static extern int tl_gt_(nint self, nint target);

    [DllImport(Library)]
    internal static extern int tl_gt__2(nint self, NativeScalar target);

    [DllImport(Library)]
    internal static extern int tl_ge_(nint self, nint target);

    [DllImport(Library)]
    internal static extern int tl_ge__2(nint self, NativeScalar target);

    [DllImport(Library)]
    internal static extern int tl_logical_and(nint self, nint other, nint* result);

    [DllImport(Library)]
    internal static extern int tl_logical_and_(nint self, nint other);

    [DllImport(Library)]
    internal static extern int tl_logical_or(nint self, nint other, nint* result);

    [DllImport(Library)]
    internal static extern int tl_logical_or_(nint self, nint other);

    [DllImport(Library)]
    internal static extern int tl_logical_xor(nint self, nint other, nint* result);

    [DllImport(Library)]
    internal static extern int tl_bitwise_and(nint self, nint other, nint* result);

    [DllImport(Library)]
    internal static extern int tl_bitwise_or(nint self, nint other, nint* result);

    [DllImport(Library)]
    internal static extern int tl_bitwise_xor(nint self, nint other, nint* result);

    [DllImport(Library)]
    internal static extern int tl_addcmul(nint self, nint tensor1, nint tensor2, NativeScalar value, nint* result);

    [DllImport(Library)]
    internal static extern int tl_addcmul_(nint self, nint tensor1, nint tensor2, NativeScalar value);

    [DllImport(Library)]
    internal static extern int tl_addcdiv(nint self, nint tensor1, nint tensor2, nint* result);

    [DllImport(Library)]
    internal static extern int tl_addcdiv_2(nint self, nint tensor1, nint tensor2, NativeScalar value, nint* result);

    [DllImport(Library)]
    internal static extern int tl_addcdiv_(nint self, nint tensor1, nint tensor2);

    [DllImport(Library)]
    internal static extern int tl_addcdiv__2(nint self, nint tensor1, nint tensor2, NativeScalar value);

    [DllImport(Library)]
    internal static extern int tl_lerp(nint self, nint end, nint weight, nint* result);

    [DllImport(Library)]
    internal static extern int tl_lerp_(nint self, nint end, nint weight);

    [DllImport(Library)]
    internal static extern int tl_clamp(nint self, nint min, nint max, nint* result);

    [DllImport(Library)]
    internal static extern int tl_clamp_2(nint self, NativeScalar min, NativeScalar max, nint* result);

    [DllImport(Library)]
    internal static extern int tl_clamp_(nint self, nint min, nint max);

    [DllImport(Library)]
    internal static extern int tl_clamp__2(nint self, NativeScalar min, NativeScalar max);

    [DllImport(Library)]
    internal static extern int tl_clamp_min(nint self, NativeScalar min, nint* result);

    [DllImport(Library)]
    internal static extern int tl_clamp_min_(nint self, NativeScalar min);

    [DllImport(Library)]
    internal static extern int tl_clamp_max(nint self, NativeScalar max, nint* result);

    [DllImport(Library)]
    internal static extern int tl_clamp_max_(nint self, NativeScalar max);

    [DllImport(Library)]
    internal static extern int tl_clip(nint self, NativeScalar min, NativeScalar max, nint* result);

    [DllImport(Library)]
    internal static extern int tl_nan_to_num(nint self, double nan, NativeDouble posinf, NativeDouble neginf, nint* result);

    [DllImport(Library)]
    internal static extern int tl_nan_to_num_(nint self, double nan, NativeDouble posinf, NativeDouble neginf);

    [DllImport(Library)]
    internal static extern int tl_masked_fill(nint self, nint mask, NativeScalar value, nint* result);

    [DllImport(Library)]
    internal static extern int tl_masked_fill_(nint self, nint mask, NativeScalar value);

    [DllImport(Library)]
    internal static extern int tl_masked_select(nint self, nint mask, nint* result);

    [DllImport(Library)]
    internal static extern int tl_where(nint self, nint condition, nint y, nint* result);

    [DllImport(Library)]
    internal static extern int tl_isclose(nint self, nint other, double rtol, double atol, bool nanEqual, nint* result);

    [DllImport(Library)]
    internal static extern int tl_allclose(nint self, nint target, double rtol, double atol, bool equal_nan, bool* result);

    [DllImport(Library)]
    internal static extern int tl_equal(nint self, nint target, nint* result);

    [DllImport(Library)]
    internal static extern int tl_all(nint self, nint* result);

    [DllImport(Library)]
    internal static extern int tl_all_2(nint self, long dim, bool keepdim, nint* result);

    [DllImport(Library)]
    internal static extern int tl_any(nint self, nint* result);

    [DllImport(Library)]
    internal static extern int tl_any_2(nint self, long dim, bool keepdim, nint* result);

    [DllImport(Library)]
    internal static extern int tl_sum(nint self, long type, nint* result);

    [DllImport(Library)]
    internal static extern int tl_sum_2(nint self, long* dim, long dimCount, bool keepdim, long type, nint* result);

    [DllImport(Library)]
    internal static extern int tl_sum_3(nint self, long dim, bool keepdim, long type, nint* result);

    [DllImport(Library)]
    internal static extern int tl_sum_4(nint self, long dim0, long dim1, bool keepdim, long type, nint* result);

    [DllImport(Library)]
    internal static extern int tl_sum_5(nint self, long dim0, long dim1, long dim2, bool keepdim, long type, nint* result);

    [DllImport(Library)]
    internal static extern int tl_sum_6(nint self, long* dim, long dimCount, bool keepdim, long type, nint* result);

    [DllImport(Library)]
    internal static extern int tl_mean(nint self, nint* result);

    [DllImport(Library)]
    internal static extern int tl_mean_2(nint self, long* dimensions, long dimensionsCount, bool keepdim, long type, nint* result);

    [DllImport(Library)]
    internal static extern int tl_std(nint self, bool unbiased, nint* result);

    [DllImport(Library)]
    internal static extern int tl_std_2(nint self, long dim, bool unbiased, bool keepdim, long type, nint* result);

    [DllImport(Library)]
    internal static extern int tl_std_3(nint self, long* dimensions, long dimensionsCount, bool unbiased, bool keepdim, long type, nint* result);

    [DllImport(Library)]
    internal static extern int tl_var(nint self, bool unbiased, nint* result);

    [DllImport(Library)]
    internal static extern int tl_var_2(nint self, long dim, bool unbiased, bool keepdim, long type, nint* result);

    [DllImport(Library)]
    internal static extern int tl_var_3(nint self, long* dimensions, long dimensionsCount, bool unbiased, bool keepdim, long type, nint* result);

    [DllImport(Library)]
    internal static extern int tl_std_mean(nint self, bool unbiased, nint* result);

    [DllImport(Library)]
    internal static extern int tl_std_mean_2(nint self, long dim, bool unbiased, bool keepdim, long type, nint* result);

    [DllImport(Library)]
    internal static extern int tl_std_mean_3(nint self, long* dimensions, long dimensionsCount, bool unbiased, bool keepdim, long type, nint* result);

    [DllImport(Library)]
    internal static extern int tl_var_mean(nint self, bool unbiased, nint* result);

    [DllImport(Library)]
    internal static extern int tl_var_mean_2(nint self, long dim, bool unbiased, bool keepdim, long type, nint* result);

    [DllImport(Library)]
    internal static extern int tl_prod(nint self, long type, nint* result);

    [DllImport(Library)]
    internal static extern int tl_prod_2(nint self, long dim, bool keepdim, long type, nint* result);

    [DllImport(Library)]
    internal static extern int tl_max(nint self, long dim, bool keepdim, nint* result);

    [DllImport(Library)]
    internal static extern int tl_max_2(nint self, nint* result);

    [DllImport(Library)]
    internal static extern int tl_max_3(nint self, nint other, nint* result);

    [DllImport(Library)]
    internal static extern int tl_min(nint self, long dim, bool keepdim, nint* result);

    [DllImport(Library)]
    internal static extern int tl_min_2(nint self, nint* result);

    [DllImport(Library)]
    internal static extern int tl_min_3(nint self, nint other, nint* result);

    [DllImport(Library)]
    internal static extern int tl_amax(nint self, long* dims, long dimsCount, nint* result);

    [DllImport(Library)]
    internal static extern int tl_amin(nint self, long* dims, long dimsCount, nint* result);

    [DllImport(Library)]
    internal static extern int tl_argmax(nint self, nint* result);

    [DllImport(Library)]
    internal static extern int tl_argmax_2(nint self, long dim, bool keepdim, nint* result);

    [DllImport(Library)]
    internal static extern int tl_argmin(nint self, nint* result);

    [DllImport(Library)]
    internal static extern int tl_argmin_2(nint self, long dim, bool keepdim, nint* result);

    [DllImport(Library)]
    internal static extern int tl_argsort(nint self, long dim, bool descending, nint* result);

    [DllImport(Library)]
    internal static extern int tl_sort(nint self, long dim, bool descending, bool stable, nint* result);

    [DllImport(Library)]
    internal static extern int tl_topk(nint self, long k, long dim, bool largest, bool sorted, nint* result);

    [DllImport(Library)]
    internal static extern int tl_kthvalue(nint self, long k, NativeLong dim, bool keepdim, nint* result);

    [DllImport(Library)]
    internal static extern int tl_median(nint self, nint* result);

    [DllImport(Library)]
    internal static extern int tl_quantile(nint self, nint q, long dim, bool keepdim, nint* result);

    [DllImport(Library)]
    internal static extern int tl_norm(nint self, double p, nint* result);

    [DllImport(Library)]
    internal static extern int tl_norm_2(nint self, long dim, bool keepdim, double p, nint* result);

    [DllImport(Library)]
    internal static extern int tl_cumsum(nint self, long dim, long type, nint* result);

    [DllImport(Library)]
    internal static extern int tl_cumprod(nint self, long dim, long type, nint* result);

    [DllImport(Library)]
    internal static extern int tl_logsumexp(nint self, long dim, bool keepdim, nint* result);

    [DllImport(Library)]
    internal static extern int tl_softmax(nint self, long dim, long dtype, nint* result);

    [DllImport(Library)]
    internal static extern int tl_log_softmax(nint self, long dim, long dtype, nint* result);

    [DllImport(Library)]
    internal static extern int tl_count_nonzero(nint self, long* dims, long dimsCount, nint* result);

    [DllImport(Library)]
    internal static extern int tl_nonzero(nint self, nint* result);

    [DllImport(Library)]
    internal static extern int tl_unique(nint self, bool sorted, bool return_inverse, bool return_counts, NativeLong dim, nint* result);

    [DllImport(Library)]
    internal static extern int tl_bincount(nint self, nint weights, long minlength, nint* result);

    [DllImport(Library)]
    internal static extern int tl_diff(nint self, long n, long dim, nint prepend, nint append, nint* result);

    [DllImport(Library)]
    internal static extern int tl_dist(nint self, nint other, double p, nint* result);

    [DllImport(Library)]
    internal static extern int tl_histc(nint self, long bins, long min, long max, nint* result);

    [DllImport(Library)]
    internal static extern int tl_matmul(nint self, nint target, nint* result);

    [DllImport(Library)]
    internal static extern int tl_mm(nint self, nint target, nint* result);

    [DllImport(Library)]
    internal static extern int tl_bmm(nint self, nint batch2, nint* result);

    [DllImport(Library)]
    internal static extern int tl_mv(nint self, nint target, nint* result);

    [DllImport(Library)]
    internal static extern int tl_dot(nint self, nint target, nint* result);

    [DllImport(Library)]
    internal static extern int tl_outer(nint self, nint vec2, nint* result);

    [DllImport(Library)]
    internal static extern int tl_addmm(nint self, nint mat1, nint mat2, double beta, double alpha, nint* result);

    [DllImport(Library)]
    internal static extern int tl_addmm_(nint self, nint mat1, nint mat2, double beta, double alpha);

    [DllImport(Library)]
    internal static extern int tl_baddbmm(nint self, nint batch1, nint batch2, double beta, double alpha, nint* result);

    [DllImport(Library)]
    internal static extern int tl_inverse(nint self, nint* result);

    [DllImport(Library)]
    internal static extern int tl_cholesky(nint self, bool upper, nint* result);

    [DllImport(Library)]
    internal static extern int tl_det(nint self, nint* result);

    [DllImport(Library)]
    internal static extern int tl_logdet(nint self, nint* result);

    [DllImport(Library)]
    internal static extern int tl_trace(nint self, nint* result);

    [DllImport(Library)]
    internal static extern int tl_reshape(nint self, long* shape, long shapeCount, nint* result);

    [DllImport(Library)]
    internal static extern int tl_view(nint self, long* shape, long shapeCount, nint* result);

    [DllImport(Library)]
    internal static extern int tl_view_as(nint self, nint other, nint* result);

    [DllImport(Library)]
    internal static extern int tl_flatten(nint self, long start_dim, long end_dim, nint* result);

    [DllImport(Library)]
    internal static extern int tl_unflatten(nint self, long dim, long* sizes, long sizesCount, nint* result);

    [DllImport(Library)]
    internal static extern int tl_squeeze(nint self, NativeLong dim, nint* result);

    [DllImport(Library)]
    internal static extern int tl_squeeze_(nint self, NativeLong dim);

    [DllImport(Library)]
    internal static extern int tl_unsqueeze(nint self, long dim, nint* result);

    [DllImport(Library)]
    internal static extern int tl_unsqueeze_(nint self, long dim);

    [DllImport(Library)]
    internal static extern int tl_transpose(nint self, long dim0, long dim1, nint* result);

    [DllImport(Library)]
    internal static extern int tl_t(nint self, nint* result);

    [DllImport(Library)]
    internal static extern int tl_permute(nint self, long* permutation, long permutationCount, nint* result);

    [DllImport(Library)]
    internal static extern int tl_expand(nint self, long* sizes, long sizesCount, bool isImplicit, nint* result);

    [DllImport(Library)]
    internal static extern int tl_expand_2(nint self, long* sizes, long sizesCount, bool isImplicit, nint* result);

    [DllImport(Library)]
    internal static extern int tl_expand_3(nint self, long* sizes, long sizesCount, nint* result);

    [DllImport(Library)]
    internal static extern int tl_expand_as(nint self, nint other, nint* result);

    [DllImport(Library)]
    internal static extern int tl_broadcast_to(nint self, long* shape, long shapeCount, nint* result);

    [DllImport(Library)]
    internal static extern int tl_repeat(nint self, long* sizes, long sizesCount, nint* result);

    [DllImport(Library)]
    internal static extern int tl_repeat_interleave(nint self, nint repeats, NativeLong dim, NativeLong output_size, nint* result);

    [DllImport(Library)]
    internal static extern int tl_repeat_interleave_2(nint self, long repeats, NativeLong dim, NativeLong output_size, nint* result);

    [DllImport(Library)]
    internal static extern int tl_flip(nint self, long* dims, long dimsCount, nint* result);

    [DllImport(Library)]
    internal static extern int tl_roll(nint self, long shifts, NativeLong dims, nint* result);

    [DllImport(Library)]
    internal static extern int tl_roll_2(nint self, long* shifts, long shiftsCount, nint* result);

    [DllImport(Library)]
    internal static extern int tl_roll_3(nint self, long* shifts, long shiftsCount, long* dims, long dimsCount, nint* result);

    [DllImport(Library)]
    internal static extern int tl_narrow(nint self, long dim, long start, long length, nint* result);

    [DllImport(Library)]
    internal static extern int tl_select(nint self, long dim, long index, nint* result);

    [DllImport(Library)]
    internal static extern int tl_slice(nint self, long dim, long start, long finish, long step, nint* result);

    [DllImport(Library)]
    internal static extern int tl_unbind(nint self, long dimension, nint** result, long* resultCount);

    [DllImport(Library)]
    internal static extern int tl_chunk(nint self, long chunks, long dim, nint** result, long* resultCount);

    [DllImport(Library)]
    internal static extern int tl_split(nint self, long size, long dim, nint** result, long* resultCount);

    [DllImport(Library)]
    internal static extern int tl_split_2(nint self, long* sizes, long sizesCount, long dim, nint** result, long* resultCount);

    [DllImport(Library)]
    internal static extern int tl_split_3(nint self, long* sizes, long sizesCount, nint** result, long* resultCount);

    [DllImport(Library)]
    internal static extern int tl_tile(nint self, long* reps, long repsCount, nint* result);

    [DllImport(Library)]
    internal static extern int tl_swapaxes(nint self, long dim0, long dim1, nint* result);

    [DllImport(Library)]
    internal static extern int tl_movedim(nint self, long* source, long sourceCount, long* destination, long destinationCount, nint* result);

    [DllImport(Library)]
    internal static extern int tl_index_select(nint self, long dim, nint index, nint* result);

    [DllImport(Library)]
    internal static extern int tl_index_add(nint self, long dim, nint index, nint source, NativeScalar alpha, nint* result);

    [DllImport(Library)]
    internal static extern int tl_index_add_(nint self, long dim, nint index, nint source, NativeScalar alpha);

    [DllImport(Library)]
    internal static extern int tl_index_copy(nint self, long dim, nint index, nint source, nint* result);

    [DllImport(Library)]
    internal static extern int tl_index_copy_(nint self, long dim, nint index, nint source);

    [DllImport(Library)]
    internal static extern int tl_index_fill(nint self, long dim, nint index, NativeScalar value, nint* result);

    [DllImport(Library)]
    internal static extern int tl_index_fill_(nint self, long dim, nint index, NativeScalar value);

    [DllImport(Library)]
    internal static extern int tl_gather(nint self, long dim, nint index, nint* result);

    [DllImport(Library)]
    internal static extern int tl_scatter(nint self, long dim, nint index, nint src, nint* result);

    [DllImport(Library)]
    internal static extern int tl_scatter_(nint self, long dim, nint index, nint src);

    [DllImport(Library)]
    internal static extern int tl_scatter_add(nint self, long dim, nint index, nint src, nint* result);

    [DllImport(Library)]
    internal static extern int tl_scatter_add_(nint self, long dim, nint index, nint src);

    [DllImport(Library)]
    internal static extern int tl_take(nint self, nint index, nint* result);

    [DllImport(Library)]
    internal static extern int tl_take_along_dim(nint self, nint indices, long dim, nint* result);

    [DllImport(Library)]
    internal static extern int tl_masked_scatter(nint self, nint mask, nint value, nint* result);

    [DllImport(Library)]
    internal static extern int tl_masked_scatter_(nint self, nint mask, nint value);

    [DllImport(Library)]
    internal static extern int tl_tril(nint self, long diagonal, nint* result);

    [DllImport(Library)]
    internal static extern int tl_triu(nint self, long diagonal, nint* result);

    [DllImport(Library)]
    internal static extern int tl_diag(nint self, long diagonal, nint* result);

    [DllImport(Library)]
    internal static extern int tl_diagonal(nint self, long offset, long dim1, long dim2, nint* result);

    [DllImport(Library)]
    internal static extern int tl_diag_embed(nint self, long offset, long dim1, long dim2, nint* result);

    [DllImport(Library)]
    internal static extern int tl_as_strided(nint self, long* size, long sizeCount, long* strides, long stridesCount, long storageOffset, nint* result);

    [DllImport(Library)]
    internal static extern int tl_unfold(nint self, long dimension, long size, long step, nint* result);

    [DllImport(Library)]
    internal static extern int tl_bucketize(nint self, nint boundaries, bool outInt32, bool right, nint* result);

    [DllImport(Library)]
    internal static extern int tl_clone(nint self, nint* result);

    [DllImport(Library)]
    internal static extern int tl_alias(nint self, nint* result);

    [DllImport(Library)]
    internal static extern int tl_contiguous(nint self, nint* result);

    [DllImport(Library)]
    internal static extern int tl_detach(nint self, nint* result);

    [DllImport(Library)]
    internal static extern int tl_detach_(nint self);

    [DllImport(Library)]
    internal static extern int tl_fill_(nint self, NativeScalar value);

    [DllImport(Library)]
    internal static extern int tl_zero_(nint self);

    [DllImport(Library)]
    internal static extern int tl_copy_(nint self, nint source, bool nonBlocking);

    [DllImport(Library)]
    internal static extern int tl_normal_(nint self, double mean, double std, nint generator);

    [DllImport(Library)]
    internal static extern int tl_uniform_(nint self, double from, double to, nint generator);

    [DllImport(Library)]
    internal static extern int tl_random_(nint self, double from, double to, nint generator);

    [DllImport(Library)]
    internal static extern int tl_bernoulli(nint self, nint generator, nint* result);

    [DllImport(Library)]
    internal static extern int tl_bernoulli_(nint self, nint p, nint generator);

    [DllImport(Library)]
    internal static extern int tl_bernoulli__2(nint self, double p, nint generator);

    [DllImport(Library)]
    internal static extern int tl_multinomial(nint self, long num_samples, bool replacement, nint generator, nint* result);

    [DllImport(Library)]
    internal static extern int tl_exponential_(nint self, double lambda, nint generator);

    [DllImport(Library)]
    internal static extern int tl_leaky_relu(nint self, NativeScalar negative_slope, nint* result);

    [DllImport(Library)]
    internal static extern int tl_elu(nint self, NativeScalar alpha, NativeScalar scale, NativeScalar input_scale, nint* result);

    [DllImport(Library)]
    internal static extern int tl_elu_2(nint self, double alpha, nint* result);

    [DllImport(Library)]
    internal static extern int tl_gelu(nint self, nint* result);

    [DllImport(Library)]
    internal static extern int tl_gelu_2(nint self, long approximate, nint* result);

    [DllImport(Library)]
    internal static extern int tl_gelu_(nint self);

    [DllImport(Library)]
    internal static extern int tl_gelu__2(nint self, long approximate);

    [DllImport(Library)]
    internal static extern int tl_hardtanh(nint self, NativeScalar min, NativeScalar max, nint* result);

    [DllImport(Library)]
    internal static extern int tl_cov(nint self, long correction, nint fweights, nint aweights, nint* result);

    [DllImport(Library)]
    internal static extern int tl_corrcoef(nint self, nint* result);

    [DllImport(Library)]
    internal static extern int tl_where_2(nint condition, nint x, nint y, nint* result);

    [DllImport(Library)]
    internal static extern int tl_sort_2(nint input, long dim, bool descending, bool stable, nint* result);

    [DllImport(Library)]
    internal static extern int tl_topk_2(nint tensor, long k, long dim, bool largest, bool sorted, nint* result);

    [DllImport(Library)]
    internal static extern int tl_amax_2(nint input, long* dims, long dimsCount, nint* result);

    [DllImport(Library)]
    internal static extern int tl_cat(nint* tensors, long tensorsCount, long dim, nint* result);

    [DllImport(Library)]
    internal static extern int tl_cat_2(nint* tensors, long tensorsCount, long dim, nint* result);

    [DllImport(Library)]
    internal static extern int tl_cat_3(nint* tensors, long tensorsCount, long dim, nint* result);

    [DllImport(Library)]
    internal static extern int tl_concat(nint* tensors, long tensorsCount, long dim, nint* result);

    [DllImport(Library)]
    internal static extern int tl_concat_2(nint* tensors, long tensorsCount, long dim, nint* result);

    [DllImport(Library)]
    internal static extern int tl_concat_3(nint* tensors, long tensorsCount, long dim, nint* result);

    [DllImport(Library)]
    internal static extern int tl_stack(nint* tensors, long tensorsCount, long dim, nint* result);

    [DllImport(Library)]
    internal static extern int tl_block_diag(nint* tensors, long tensorsCount, nint* result);

    [DllImport(Library)]
    internal static extern int tl_norm_3(nint input, nint* result);

    [DllImport(Library)]
    internal static extern int tl_softmax_2(nint input, long dim, long dtype, nint* result);

    [DllImport(Library)]
    internal static extern int tl_bincount_2(nint input, nint weights, long minlength, nint* result);

    [DllImport(Library)]
    internal static extern int tl_addmm_2(nint input, nint mat1, nint mat2, double beta, double alpha, nint* result);

    [DllImport(Library)]
    internal static extern int tl_cholesky_2(nint input, nint* result);

    [DllImport(Library)]
    internal static extern int tl_cholesky_3(nint input, bool upper, nint* result);

    [DllImport(Library)]
    internal static extern int tl_movedim_2(nint input, long source, long destination, nint* result);

    [DllImport(Library)]
    internal static extern int tl_take_along_dim_2(nint input, nint indices, long dim, nint* result);

    [DllImport(Library)]
    internal static extern int tl_searchsorted(nint sorted_sequence, nint values, bool out_int32, bool right, nint sorter, nint* result);

    [DllImport(Library)]
    internal static extern int tl_einsum(byte* equation, nint* tensors, long tensorsCount, nint* result);

    [DllImport(Library)]
    internal static extern int tl_polar(nint abs, nint angle, nint* result);

    [DllImport(Library)]
    internal static extern int tl_normal(nint mean, nint std, nint generator, nint* result);

    [DllImport(Library)]
    internal static extern int tl_where_3(nint condition, nint** result, long* resultCount);

    [DllImport(Library)]
    internal static extern int tl_meshgrid(nint* tensors, long tensorsCount, byte* indexing, nint** result, long* resultCount);

    [DllImport(Library)]
    internal static extern int tl_cartesian_prod(nint* tensors, long tensorsCount, nint* result);

    [DllImport(Library)]
    internal static extern int tl_linear(nint input, nint weights, nint bias, nint* result);

    [DllImport(Library)]
    internal static extern int tl_conv1d(nint input, nint weight, nint bias, NativeLong stride, NativeLong padding, NativeLong dilation, long groups, nint* result);

    [DllImport(Library)]
    internal static extern int tl_conv2d(nint input, nint weight, nint bias, long* strides, long stridesCount, long* padding, long paddingCount, long* dilation, long dilationCount, long groups, nint* result);

    [DllImport(Library)]
    internal static extern int tl_conv_transpose2d(nint input, nint weight, nint bias, long* strides, long stridesCount, long* padding, long paddingCount, long* output_padding, long output_paddingCount, long* dilation, long dilationCount, long groups, nint* result);

    [DllImport(Library)]
    internal static extern int tl_group_norm(nint input, long num_groups, nint weight, nint bias, double eps, nint* result);

    [DllImport(Library)]
    internal static extern int tl_layer_norm(nint input, long* normalized_shape, long normalized_shapeCount, nint weight, nint bias, double eps, nint* result);

    [DllImport(Library)]
    internal static extern int tl_batch_norm(nint input, nint running_mean, nint running_var, nint weight, nint bias, bool training, double momentum, double eps, nint* result);

    [DllImport(Library)]
    internal static extern int tl_silu_2(nint x, bool inplace, nint* result);

    [DllImport(Library)]
    internal static extern int tl_relu_2(nint x, bool inplace, nint* result);

    [DllImport(Library)]
    internal static extern int tl_tanh_2(nint x, bool inplace, nint* result);

    [DllImport(Library)]
    internal static extern int tl_sigmoid_2(nint x, nint* result);

    [DllImport(Library)]
    internal static extern int tl_sigmoid_3(nint x, bool inplace, nint* result);

    [DllImport(Library)]
    internal static extern int tl_gelu_3(nint x, nint* result);

    [DllImport(Library)]
    internal static extern int tl_gelu_4(nint x, bool inplace, nint* result);

    [DllImport(Library)]
    internal static extern int tl_gelu_5(nint x, long approximate, bool inplace, nint* result);

    [DllImport(Library)]
    internal static extern int tl_leaky_relu_2(nint input, double negative_slope, bool inplace, nint* result);

    [DllImport(Library)]
    internal static extern int tl_elu_3(nint x, double alpha, bool inplace, nint* result);

    [DllImport(Library)]
    internal static extern int tl_softplus_2(nint x, double beta, double threshold, nint* result);

    [DllImport(Library)]
    internal static extern int tl_logsigmoid(nint x, nint* result);

    [DllImport(Library)]
    internal static extern int tl_softmax_3(nint input, long dim, long dtype, nint* result);

    [DllImport(Library)]
    internal static extern int tl_log_softmax_2(nint x, long dim, nint* result);

    [DllImport(Library)]
    internal static extern int tl_glu(nint input, long dim, nint* result);

    [DllImport(Library)]
    internal static extern int tl_dropout(nint input, double p, bool training, bool inplace, nint* result);

    [DllImport(Library)]
    internal static extern int tl_scaled_dot_product_attention(nint query, nint key, nint value, nint attn_mask, double p, bool is_casual, nint* result);

    [DllImport(Library)]
    internal static extern int tl_interpolate(nint x, long* size, long sizeCount, double* scale_factor, long scale_factorCount, long mode, long align_corners, bool recompute_scale_factor, bool antialias, nint* result);

    [DllImport(Library)]
    internal static extern int tl_upsample_nearest2d(nint input, long* outputSizes, long outputSizesCount, double* scaleFactors, long scaleFactorsCount, nint* result);

    [DllImport(Library)]
    internal static extern int tl_avg_pool2d(nint input, long kernel_size, NativeLong stride, long padding, bool ceil_mode, bool count_include_pad, NativeLong divisor_override, nint* result);

    [DllImport(Library)]
    internal static extern int tl_avg_pool2d_2(nint input, long* kernel_size, long kernel_sizeCount, long* stride, long strideCount, long* padding, long paddingCount, bool ceil_mode, bool count_include_pad, NativeLong divisor_override, nint* result);

    [DllImport(Library)]
    internal static extern int tl_max_pool2d(nint input, long kernel_size, NativeLong stride, NativeLong padding, NativeLong dilation, bool ceil_mode, nint* result);

    [DllImport(Library)]
    internal static extern int tl_adaptive_avg_pool2d(nint input, long output_size, nint* result);

    [DllImport(Library)]
    internal static extern int tl_adaptive_avg_pool2d_2(nint input, long* output_size, long output_sizeCount, nint* result);

    [DllImport(Library)]
    internal static extern int tl_pad(nint input, long* pad, long padCount, long mode, double value, nint* result);

    [DllImport(Library)]
    internal static extern int tl_pad_2(nint input, long* pad, long padCount, long mode, double value, nint* result);

    [DllImport(Library)]
    internal static extern int tl_one_hot(nint x, long num_classes, nint* result);

    [DllImport(Library)]
    internal static extern int tl_pixel_shuffle(nint input, long upscale_factor, nint* result);

    [DllImport(Library)]
    internal static extern int tl_pixel_unshuffle(nint input, long downscale_factor, nint* result);

    [DllImport(Library)]
    internal static extern int tl_unfold_2(nint input, long kernel_size, long dilation, long padding, long stride, nint* result);

    [DllImport(Library)]
    internal static extern int tl_cosine_similarity(nint x1, nint x2, long dim, double eps, nint* result);

    [DllImport(Library)]
    internal static extern int tl_mse_loss(nint input, nint target, long reduction, nint* result);

    [DllImport(Library)]
    internal static extern int tl_l1_loss(nint input, nint target, long reduction, nint* result);

    [DllImport(Library)]
    internal static extern int tl_smooth_l1_loss(nint input, nint target, long reduction, double beta, nint* result);

    [DllImport(Library)]
    internal static extern int tl_huber_loss(nint input, nint target, double delta, long reduction, nint* result);

    [DllImport(Library)]
    internal static extern int tl_cross_entropy(nint input, nint target, nint weight, long ignore_index, long reduction, double label_smoothing, nint* result);

    [DllImport(Library)]
    internal static extern int tl_nll_loss(nint input, nint target, nint weight, long reduction, nint* result);

    [DllImport(Library)]
    internal static extern int tl_kl_div(nint input, nint target, bool log_target, long reduction, nint* result);

    [DllImport(Library)]
    internal static extern int tl_binary_cross_entropy_with_logits(nint input, nint target, nint weight, long reduction, nint pos_weights, nint* result);

    [DllImport(Library)]
    internal static extern int tl_embedding(nint weight, nint input, long padding_idx, nint* result);

    [DllImport(Library)]
    internal static extern int tl_rsub(nint input, NativeScalar other, nint* result);

    [DllImport(Library)]
    internal static extern int tl_index(nint input, nint* indices, long indicesCount, nint* result);

    [DllImport(Library)]
    internal static extern int tl_index_put_(nint input, nint* indices, long indicesCount, nint value, bool accumulate);

    [DllImport(Library)]
    internal static extern int tl_slice_2(nint input, long dim, NativeLong start, NativeLong end, long step, nint* result);

    [DllImport(Library)]
    internal static extern int tl_zeros(long* size, long sizeCount, NativeSpec spec, nint* result);

    [DllImport(Library)]
    internal static extern int tl_ones(long* size, long sizeCount, NativeSpec spec, nint* result);

    [DllImport(Library)]
    internal static extern int tl_empty(long* size, long sizeCount, NativeSpec spec, nint* result);

    [DllImport(Library)]
    internal static extern int tl_full(long* size, long sizeCount, NativeScalar value, NativeSpec spec, nint* result);

    [DllImport(Library)]
    internal static extern int tl_rand(long* size, long sizeCount, nint generator, NativeSpec spec, nint* result);

    [DllImport(Library)]
    internal static extern int tl_randn(long* size, long sizeCount, nint generator, NativeSpec spec, nint* result);

    [DllImport(Library)]
    internal static extern int tl_randint(long low, long high, long* size, long sizeCount, nint generator, NativeSpec spec, nint* result);

    [DllImport(Library)]
    internal static extern int tl_randperm(long n, nint generator, NativeSpec spec, nint* result);

    [DllImport(Library)]
    internal static extern int tl_arange(NativeScalar start, NativeScalar stop, NativeScalar step, NativeSpec spec, nint* result);

    [DllImport(Library)]
    internal static extern int tl_linspace(double start, double end, long steps, NativeSpec spec, nint* result);

    [DllImport(Library)]
    internal static extern int tl_eye(long rows, long columns, NativeSpec spec, nint* result);
}
