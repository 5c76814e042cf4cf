// Generated from Ops/ops.txt; edit that.
#nullable enable
using TorchSharp.Modules;
using static TorchSharp.torch.nn;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public unsafe Tensor abs()
        {
            nint result;
            Native.Check(Native.tl_abs(Handle, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor abs_()
        {
            Native.Check(Native.tl_abs_(Handle));
            GC.KeepAlive(this);
            return this;
        }

        public unsafe Tensor acos()
        {
            nint result;
            Native.Check(Native.tl_acos(Handle, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor arccos()
        {
            nint result;
            Native.Check(Native.tl_arccos(Handle, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor asin()
        {
            nint result;
            Native.Check(Native.tl_asin(Handle, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor atan()
        {
            nint result;
            Native.Check(Native.tl_atan(Handle, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor atan2(Tensor other)
        {
            nint result;
            Native.Check(Native.tl_atan2(Handle, other.Handle, &result));
            GC.KeepAlive(this);
            GC.KeepAlive(other);
            return new Tensor(result);
        }

        public unsafe Tensor ceil()
        {
            nint result;
            Native.Check(Native.tl_ceil(Handle, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor ceil_()
        {
            Native.Check(Native.tl_ceil_(Handle));
            GC.KeepAlive(this);
            return this;
        }

        public unsafe Tensor cos()
        {
            nint result;
            Native.Check(Native.tl_cos(Handle, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor cos_()
        {
            Native.Check(Native.tl_cos_(Handle));
            GC.KeepAlive(this);
            return this;
        }

        public unsafe Tensor cosh()
        {
            nint result;
            Native.Check(Native.tl_cosh(Handle, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor erf()
        {
            nint result;
            Native.Check(Native.tl_erf(Handle, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor erf_()
        {
            Native.Check(Native.tl_erf_(Handle));
            GC.KeepAlive(this);
            return this;
        }

        public unsafe Tensor erfc()
        {
            nint result;
            Native.Check(Native.tl_erfc(Handle, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor erfinv()
        {
            nint result;
            Native.Check(Native.tl_erfinv(Handle, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor exp()
        {
            nint result;
            Native.Check(Native.tl_exp(Handle, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor exp_()
        {
            Native.Check(Native.tl_exp_(Handle));
            GC.KeepAlive(this);
            return this;
        }

        public unsafe Tensor expm1()
        {
            nint result;
            Native.Check(Native.tl_expm1(Handle, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor floor()
        {
            nint result;
            Native.Check(Native.tl_floor(Handle, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor floor_()
        {
            Native.Check(Native.tl_floor_(Handle));
            GC.KeepAlive(this);
            return this;
        }

        public unsafe Tensor frac()
        {
            nint result;
            Native.Check(Native.tl_frac(Handle, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor log()
        {
            nint result;
            Native.Check(Native.tl_log(Handle, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor log_()
        {
            Native.Check(Native.tl_log_(Handle));
            GC.KeepAlive(this);
            return this;
        }

        public unsafe Tensor log10()
        {
            nint result;
            Native.Check(Native.tl_log10(Handle, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor log1p()
        {
            nint result;
            Native.Check(Native.tl_log1p(Handle, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor log2()
        {
            nint result;
            Native.Check(Native.tl_log2(Handle, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor neg()
        {
            nint result;
            Native.Check(Native.tl_neg(Handle, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor neg_()
        {
            Native.Check(Native.tl_neg_(Handle));
            GC.KeepAlive(this);
            return this;
        }

        public unsafe Tensor negative()
        {
            nint result;
            Native.Check(Native.tl_negative(Handle, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor positive()
        {
            nint result;
            Native.Check(Native.tl_positive(Handle, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor reciprocal()
        {
            nint result;
            Native.Check(Native.tl_reciprocal(Handle, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor reciprocal_()
        {
            Native.Check(Native.tl_reciprocal_(Handle));
            GC.KeepAlive(this);
            return this;
        }

        public unsafe Tensor relu()
        {
            nint result;
            Native.Check(Native.tl_relu(Handle, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor relu_()
        {
            Native.Check(Native.tl_relu_(Handle));
            GC.KeepAlive(this);
            return this;
        }

        public unsafe Tensor round(long decimals = 0)
        {
            nint result;
            Native.Check(Native.tl_round(Handle, decimals, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor round_(long decimals = 0)
        {
            Native.Check(Native.tl_round_(Handle, decimals));
            GC.KeepAlive(this);
            return this;
        }

        public unsafe Tensor rsqrt()
        {
            nint result;
            Native.Check(Native.tl_rsqrt(Handle, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor rsqrt_()
        {
            Native.Check(Native.tl_rsqrt_(Handle));
            GC.KeepAlive(this);
            return this;
        }

        public unsafe Tensor sigmoid()
        {
            nint result;
            Native.Check(Native.tl_sigmoid(Handle, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor sigmoid_()
        {
            Native.Check(Native.tl_sigmoid_(Handle));
            GC.KeepAlive(this);
            return this;
        }

        public unsafe Tensor sign()
        {
            nint result;
            Native.Check(Native.tl_sign(Handle, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor sign_()
        {
            Native.Check(Native.tl_sign_(Handle));
            GC.KeepAlive(this);
            return this;
        }

        public unsafe Tensor silu()
        {
            nint result;
            Native.Check(Native.tl_silu(Handle, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor silu_()
        {
            Native.Check(Native.tl_silu_(Handle));
            GC.KeepAlive(this);
            return this;
        }

        public unsafe Tensor sin()
        {
            nint result;
            Native.Check(Native.tl_sin(Handle, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor sin_()
        {
            Native.Check(Native.tl_sin_(Handle));
            GC.KeepAlive(this);
            return this;
        }

        public unsafe Tensor sinh()
        {
            nint result;
            Native.Check(Native.tl_sinh(Handle, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor sqrt()
        {
            nint result;
            Native.Check(Native.tl_sqrt(Handle, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor sqrt_()
        {
            Native.Check(Native.tl_sqrt_(Handle));
            GC.KeepAlive(this);
            return this;
        }

        public unsafe Tensor square()
        {
            nint result;
            Native.Check(Native.tl_square(Handle, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor tan()
        {
            nint result;
            Native.Check(Native.tl_tan(Handle, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor tanh()
        {
            nint result;
            Native.Check(Native.tl_tanh(Handle, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor tanh_()
        {
            Native.Check(Native.tl_tanh_(Handle));
            GC.KeepAlive(this);
            return this;
        }

        public unsafe Tensor trunc()
        {
            nint result;
            Native.Check(Native.tl_trunc(Handle, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor softplus(double beta = 1, double threshold = 20)
        {
            nint result;
            Native.Check(Native.tl_softplus(Handle, beta, threshold, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor log_sigmoid()
        {
            nint result;
            Native.Check(Native.tl_log_sigmoid(Handle, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor lgamma()
        {
            nint result;
            Native.Check(Native.tl_lgamma(Handle, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor digamma()
        {
            nint result;
            Native.Check(Native.tl_digamma(Handle, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor isfinite()
        {
            nint result;
            Native.Check(Native.tl_isfinite(Handle, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor isinf()
        {
            nint result;
            Native.Check(Native.tl_isinf(Handle, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor isnan()
        {
            nint result;
            Native.Check(Native.tl_isnan(Handle, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor logical_not()
        {
            nint result;
            Native.Check(Native.tl_logical_not(Handle, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor logical_not_()
        {
            Native.Check(Native.tl_logical_not_(Handle));
            GC.KeepAlive(this);
            return this;
        }

        public unsafe Tensor bitwise_not()
        {
            nint result;
            Native.Check(Native.tl_bitwise_not(Handle, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor add(Tensor target)
        {
            nint result;
            Native.Check(Native.tl_add(Handle, target.Handle, &result));
            GC.KeepAlive(this);
            GC.KeepAlive(target);
            return new Tensor(result);
        }

        public unsafe Tensor add(Tensor target, Scalar alpha)
        {
            nint result;
            Native.Check(Native.tl_add_2(Handle, target.Handle, alpha.Native, &result));
            GC.KeepAlive(this);
            GC.KeepAlive(target);
            return new Tensor(result);
        }

        public unsafe Tensor add(Scalar scalar)
        {
            nint result;
            Native.Check(Native.tl_add_3(Handle, scalar.Native, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor add(Scalar scalar, Scalar alpha)
        {
            nint result;
            Native.Check(Native.tl_add_4(Handle, scalar.Native, alpha.Native, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor add_(Tensor target)
        {
            Native.Check(Native.tl_add_(Handle, target.Handle));
            GC.KeepAlive(this);
            GC.KeepAlive(target);
            return this;
        }

        public unsafe Tensor add_(Tensor target, Scalar alpha)
        {
            Native.Check(Native.tl_add__2(Handle, target.Handle, alpha.Native));
            GC.KeepAlive(this);
            GC.KeepAlive(target);
            return this;
        }

        public unsafe Tensor add_(Scalar scalar)
        {
            Native.Check(Native.tl_add__3(Handle, scalar.Native));
            GC.KeepAlive(this);
            return this;
        }

        public unsafe Tensor add_(Scalar scalar, Scalar alpha)
        {
            Native.Check(Native.tl_add__4(Handle, scalar.Native, alpha.Native));
            GC.KeepAlive(this);
            return this;
        }

        public unsafe Tensor sub(Tensor target)
        {
            nint result;
            Native.Check(Native.tl_sub(Handle, target.Handle, &result));
            GC.KeepAlive(this);
            GC.KeepAlive(target);
            return new Tensor(result);
        }

        public unsafe Tensor sub(Scalar target)
        {
            nint result;
            Native.Check(Native.tl_sub_2(Handle, target.Native, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor sub_(Tensor target)
        {
            Native.Check(Native.tl_sub_(Handle, target.Handle));
            GC.KeepAlive(this);
            GC.KeepAlive(target);
            return this;
        }

        public unsafe Tensor sub_(Scalar target)
        {
            Native.Check(Native.tl_sub__2(Handle, target.Native));
            GC.KeepAlive(this);
            return this;
        }

        public unsafe Tensor mul(Tensor target)
        {
            nint result;
            Native.Check(Native.tl_mul(Handle, target.Handle, &result));
            GC.KeepAlive(this);
            GC.KeepAlive(target);
            return new Tensor(result);
        }

        public unsafe Tensor mul(Scalar target)
        {
            nint result;
            Native.Check(Native.tl_mul_2(Handle, target.Native, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor mul_(Tensor target)
        {
            Native.Check(Native.tl_mul_(Handle, target.Handle));
            GC.KeepAlive(this);
            GC.KeepAlive(target);
            return this;
        }

        public unsafe Tensor mul_(Scalar target)
        {
            Native.Check(Native.tl_mul__2(Handle, target.Native));
            GC.KeepAlive(this);
            return this;
        }

        public unsafe Tensor div(Tensor target, RoundingMode rounding_mode = RoundingMode.None)
        {
            nint result;
            Native.Check(Native.tl_div(Handle, target.Handle, (long)rounding_mode, &result));
            GC.KeepAlive(this);
            GC.KeepAlive(target);
            return new Tensor(result);
        }

        public unsafe Tensor div(Scalar target, RoundingMode rounding_mode = RoundingMode.None)
        {
            nint result;
            Native.Check(Native.tl_div_2(Handle, target.Native, (long)rounding_mode, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor div_(Tensor target, RoundingMode rounding_mode = RoundingMode.None)
        {
            Native.Check(Native.tl_div_(Handle, target.Handle, (long)rounding_mode));
            GC.KeepAlive(this);
            GC.KeepAlive(target);
            return this;
        }

        public unsafe Tensor div_(Scalar target, RoundingMode rounding_mode = RoundingMode.None)
        {
            Native.Check(Native.tl_div__2(Handle, target.Native, (long)rounding_mode));
            GC.KeepAlive(this);
            return this;
        }

        public unsafe Tensor pow(Tensor exponent)
        {
            nint result;
            Native.Check(Native.tl_pow(Handle, exponent.Handle, &result));
            GC.KeepAlive(this);
            GC.KeepAlive(exponent);
            return new Tensor(result);
        }

        public unsafe Tensor pow(Scalar exponent)
        {
            nint result;
            Native.Check(Native.tl_pow_2(Handle, exponent.Native, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor pow_(Tensor exponent)
        {
            Native.Check(Native.tl_pow_(Handle, exponent.Handle));
            GC.KeepAlive(this);
            GC.KeepAlive(exponent);
            return this;
        }

        public unsafe Tensor pow_(Scalar exponent)
        {
            Native.Check(Native.tl_pow__2(Handle, exponent.Native));
            GC.KeepAlive(this);
            return this;
        }

        public unsafe Tensor remainder(Tensor target)
        {
            nint result;
            Native.Check(Native.tl_remainder(Handle, target.Handle, &result));
            GC.KeepAlive(this);
            GC.KeepAlive(target);
            return new Tensor(result);
        }

        public unsafe Tensor remainder(Scalar scalar)
        {
            nint result;
            Native.Check(Native.tl_remainder_2(Handle, scalar.Native, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor remainder_(Tensor target)
        {
            Native.Check(Native.tl_remainder_(Handle, target.Handle));
            GC.KeepAlive(this);
            GC.KeepAlive(target);
            return this;
        }

        public unsafe Tensor remainder_(Scalar scalar)
        {
            Native.Check(Native.tl_remainder__2(Handle, scalar.Native));
            GC.KeepAlive(this);
            return this;
        }

        public unsafe Tensor fmod(Tensor target)
        {
            nint result;
            Native.Check(Native.tl_fmod(Handle, target.Handle, &result));
            GC.KeepAlive(this);
            GC.KeepAlive(target);
            return new Tensor(result);
        }

        public unsafe Tensor fmod(Scalar scalar)
        {
            nint result;
            Native.Check(Native.tl_fmod_2(Handle, scalar.Native, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor floor_divide(Tensor other)
        {
            nint result;
            Native.Check(Native.tl_floor_divide(Handle, other.Handle, &result));
            GC.KeepAlive(this);
            GC.KeepAlive(other);
            return new Tensor(result);
        }

        public unsafe Tensor floor_divide(Scalar other)
        {
            nint result;
            Native.Check(Native.tl_floor_divide_2(Handle, other.Native, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor maximum(Tensor other)
        {
            nint result;
            Native.Check(Native.tl_maximum(Handle, other.Handle, &result));
            GC.KeepAlive(this);
            GC.KeepAlive(other);
            return new Tensor(result);
        }

        public unsafe Tensor minimum(Tensor other)
        {
            nint result;
            Native.Check(Native.tl_minimum(Handle, other.Handle, &result));
            GC.KeepAlive(this);
            GC.KeepAlive(other);
            return new Tensor(result);
        }

        public unsafe Tensor fmax(Tensor other)
        {
            nint result;
            Native.Check(Native.tl_fmax(Handle, other.Handle, &result));
            GC.KeepAlive(this);
            GC.KeepAlive(other);
            return new Tensor(result);
        }

        public unsafe Tensor fmin(Tensor other)
        {
            nint result;
            Native.Check(Native.tl_fmin(Handle, other.Handle, &result));
            GC.KeepAlive(this);
            GC.KeepAlive(other);
            return new Tensor(result);
        }

        public unsafe Tensor eq(Tensor target)
        {
            nint result;
            Native.Check(Native.tl_eq(Handle, target.Handle, &result));
            GC.KeepAlive(this);
            GC.KeepAlive(target);
            return new Tensor(result);
        }

        public unsafe Tensor eq(Scalar target)
        {
            nint result;
            Native.Check(Native.tl_eq_2(Handle, target.Native, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor ne(Tensor target)
        {
            nint result;
            Native.Check(Native.tl_ne(Handle, target.Handle, &result));
            GC.KeepAlive(this);
            GC.KeepAlive(target);
            return new Tensor(result);
        }

        public unsafe Tensor ne(Scalar target)
        {
            nint result;
            Native.Check(Native.tl_ne_2(Handle, target.Native, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor lt(Tensor target)
        {
            nint result;
            Native.Check(Native.tl_lt(Handle, target.Handle, &result));
            GC.KeepAlive(this);
            GC.KeepAlive(target);
            return new Tensor(result);
        }

        public unsafe Tensor lt(Scalar target)
        {
            nint result;
            Native.Check(Native.tl_lt_2(Handle, target.Native, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor le(Tensor target)
        {
            nint result;
            Native.Check(Native.tl_le(Handle, target.Handle, &result));
            GC.KeepAlive(this);
            GC.KeepAlive(target);
            return new Tensor(result);
        }

        public unsafe Tensor le(Scalar target)
        {
            nint result;
            Native.Check(Native.tl_le_2(Handle, target.Native, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor gt(Tensor target)
        {
            nint result;
            Native.Check(Native.tl_gt(Handle, target.Handle, &result));
            GC.KeepAlive(this);
            GC.KeepAlive(target);
            return new Tensor(result);
        }

        public unsafe Tensor gt(Scalar target)
        {
            nint result;
            Native.Check(Native.tl_gt_2(Handle, target.Native, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor ge(Tensor target)
        {
            nint result;
            Native.Check(Native.tl_ge(Handle, target.Handle, &result));
            GC.KeepAlive(this);
            GC.KeepAlive(target);
            return new Tensor(result);
        }

        public unsafe Tensor ge(Scalar target)
        {
            nint result;
            Native.Check(Native.tl_ge_2(Handle, target.Native, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor eq_(Tensor target)
        {
            Native.Check(Native.tl_eq_(Handle, target.Handle));
            GC.KeepAlive(this);
            GC.KeepAlive(target);
            return this;
        }

        public unsafe Tensor eq_(Scalar target)
        {
            Native.Check(Native.tl_eq__2(Handle, target.Native));
            GC.KeepAlive(this);
            return this;
        }

        public unsafe Tensor ne_(Tensor target)
        {
            Native.Check(Native.tl_ne_(Handle, target.Handle));
            GC.KeepAlive(this);
            GC.KeepAlive(target);
            return this;
        }

        public unsafe Tensor ne_(Scalar target)
        {
            Native.Check(Native.tl_ne__2(Handle, target.Native));
            GC.KeepAlive(this);
            return this;
        }

        public unsafe Tensor lt_(Tensor target)
        {
            Native.Check(Native.tl_lt_(Handle, target.Handle));
            GC.KeepAlive(this);
            GC.KeepAlive(target);
            return this;
        }

        public unsafe Tensor lt_(Scalar target)
        {
            Native.Check(Native.tl_lt__2(Handle, target.Native));
            GC.KeepAlive(this);
            return this;
        }

        public unsafe Tensor le_(Tensor target)
        {
            Native.Check(Native.tl_le_(Handle, target.Handle));
            GC.KeepAlive(this);
            GC.KeepAlive(target);
            return this;
        }

        public unsafe Tensor le_(Scalar target)
        {
            Native.Check(Native.tl_le__2(Handle, target.Native));
            GC.KeepAlive(this);
            return this;
        }

        public unsafe Tensor gt_(Tensor target)
        {
            Native.Check(Native.tl_gt_(Handle, target.Handle));
            GC.KeepAlive(this);
            GC.KeepAlive(target);
            return this;
        }

        public unsafe Tensor gt_(Scalar target)
        {
            Native.Check(Native.tl_gt__2(Handle, target.Native));
            GC.KeepAlive(this);
            return this;
        }

        public unsafe Tensor ge_(Tensor target)
        {
            Native.Check(Native.tl_ge_(Handle, target.Handle));
            GC.KeepAlive(this);
            GC.KeepAlive(target);
            return this;
        }

        public unsafe Tensor ge_(Scalar target)
        {
            Native.Check(Native.tl_ge__2(Handle, target.Native));
            GC.KeepAlive(this);
            return this;
        }

        public unsafe Tensor logical_and(Tensor other)
        {
            nint result;
            Native.Check(Native.tl_logical_and(Handle, other.Handle, &result));
            GC.KeepAlive(this);
            GC.KeepAlive(other);
            return new Tensor(result);
        }

        public unsafe Tensor logical_and_(Tensor other)
        {
            Native.Check(Native.tl_logical_and_(Handle, other.Handle));
            GC.KeepAlive(this);
            GC.KeepAlive(other);
            return this;
        }

        public unsafe Tensor logical_or(Tensor other)
        {
            nint result;
            Native.Check(Native.tl_logical_or(Handle, other.Handle, &result));
            GC.KeepAlive(this);
            GC.KeepAlive(other);
            return new Tensor(result);
        }

        public unsafe Tensor logical_or_(Tensor other)
        {
            Native.Check(Native.tl_logical_or_(Handle, other.Handle));
            GC.KeepAlive(this);
            GC.KeepAlive(other);
            return this;
        }

        public unsafe Tensor logical_xor(Tensor other)
        {
            nint result;
            Native.Check(Native.tl_logical_xor(Handle, other.Handle, &result));
            GC.KeepAlive(this);
            GC.KeepAlive(other);
            return new Tensor(result);
        }

        public unsafe Tensor bitwise_and(Tensor other)
        {
            nint result;
            Native.Check(Native.tl_bitwise_and(Handle, other.Handle, &result));
            GC.KeepAlive(this);
            GC.KeepAlive(other);
            return new Tensor(result);
        }

        public unsafe Tensor bitwise_or(Tensor other)
        {
            nint result;
            Native.Check(Native.tl_bitwise_or(Handle, other.Handle, &result));
            GC.KeepAlive(this);
            GC.KeepAlive(other);
            return new Tensor(result);
        }

        public unsafe Tensor bitwise_xor(Tensor other)
        {
            nint result;
            Native.Check(Native.tl_bitwise_xor(Handle, other.Handle, &result));
            GC.KeepAlive(this);
            GC.KeepAlive(other);
            return new Tensor(result);
        }

        public unsafe Tensor addcmul(Tensor tensor1, Tensor tensor2, Scalar value)
        {
            nint result;
            Native.Check(Native.tl_addcmul(Handle, tensor1.Handle, tensor2.Handle, value.Native, &result));
            GC.KeepAlive(this);
            GC.KeepAlive(tensor1);
            GC.KeepAlive(tensor2);
            return new Tensor(result);
        }

        public unsafe Tensor addcmul_(Tensor tensor1, Tensor tensor2, Scalar value)
        {
            Native.Check(Native.tl_addcmul_(Handle, tensor1.Handle, tensor2.Handle, value.Native));
            GC.KeepAlive(this);
            GC.KeepAlive(tensor1);
            GC.KeepAlive(tensor2);
            return this;
        }

        public unsafe Tensor addcdiv(Tensor tensor1, Tensor tensor2)
        {
            nint result;
            Native.Check(Native.tl_addcdiv(Handle, tensor1.Handle, tensor2.Handle, &result));
            GC.KeepAlive(this);
            GC.KeepAlive(tensor1);
            GC.KeepAlive(tensor2);
            return new Tensor(result);
        }

        public unsafe Tensor addcdiv(Tensor tensor1, Tensor tensor2, Scalar value)
        {
            nint result;
            Native.Check(Native.tl_addcdiv_2(Handle, tensor1.Handle, tensor2.Handle, value.Native, &result));
            GC.KeepAlive(this);
            GC.KeepAlive(tensor1);
            GC.KeepAlive(tensor2);
            return new Tensor(result);
        }

        public unsafe Tensor addcdiv_(Tensor tensor1, Tensor tensor2)
        {
            Native.Check(Native.tl_addcdiv_(Handle, tensor1.Handle, tensor2.Handle));
            GC.KeepAlive(this);
            GC.KeepAlive(tensor1);
            GC.KeepAlive(tensor2);
            return this;
        }

        public unsafe Tensor addcdiv_(Tensor tensor1, Tensor tensor2, Scalar value)
        {
            Native.Check(Native.tl_addcdiv__2(Handle, tensor1.Handle, tensor2.Handle, value.Native));
            GC.KeepAlive(this);
            GC.KeepAlive(tensor1);
            GC.KeepAlive(tensor2);
            return this;
        }

        public unsafe Tensor lerp(Tensor end, Tensor weight)
        {
            nint result;
            Native.Check(Native.tl_lerp(Handle, end.Handle, weight.Handle, &result));
            GC.KeepAlive(this);
            GC.KeepAlive(end);
            GC.KeepAlive(weight);
            return new Tensor(result);
        }

        public unsafe Tensor lerp_(Tensor end, Tensor weight)
        {
            Native.Check(Native.tl_lerp_(Handle, end.Handle, weight.Handle));
            GC.KeepAlive(this);
            GC.KeepAlive(end);
            GC.KeepAlive(weight);
            return this;
        }

        public unsafe Tensor clamp(Tensor? min = null, Tensor? max = null)
        {
            nint result;
            Native.Check(Native.tl_clamp(Handle, min is null ? 0 : min.Handle, max is null ? 0 : max.Handle, &result));
            GC.KeepAlive(this);
            GC.KeepAlive(min);
            GC.KeepAlive(max);
            return new Tensor(result);
        }

        public unsafe Tensor clamp(Scalar? min = null, Scalar? max = null)
        {
            nint result;
            Native.Check(Native.tl_clamp_2(Handle, Scalar.ToNative(min), Scalar.ToNative(max), &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor clamp_(Tensor? min = null, Tensor? max = null)
        {
            Native.Check(Native.tl_clamp_(Handle, min is null ? 0 : min.Handle, max is null ? 0 : max.Handle));
            GC.KeepAlive(this);
            GC.KeepAlive(min);
            GC.KeepAlive(max);
            return this;
        }

        public unsafe Tensor clamp_(Scalar? min = null, Scalar? max = null)
        {
            Native.Check(Native.tl_clamp__2(Handle, Scalar.ToNative(min), Scalar.ToNative(max)));
            GC.KeepAlive(this);
            return this;
        }

        public unsafe Tensor clamp_min(Scalar min)
        {
            nint result;
            Native.Check(Native.tl_clamp_min(Handle, min.Native, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor clamp_min_(Scalar min)
        {
            Native.Check(Native.tl_clamp_min_(Handle, min.Native));
            GC.KeepAlive(this);
            return this;
        }

        public unsafe Tensor clamp_max(Scalar max)
        {
            nint result;
            Native.Check(Native.tl_clamp_max(Handle, max.Native, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor clamp_max_(Scalar max)
        {
            Native.Check(Native.tl_clamp_max_(Handle, max.Native));
            GC.KeepAlive(this);
            return this;
        }

        public unsafe Tensor clip(Scalar? min = null, Scalar? max = null)
        {
            nint result;
            Native.Check(Native.tl_clip(Handle, Scalar.ToNative(min), Scalar.ToNative(max), &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor nan_to_num(double nan = 0, double? posinf = null, double? neginf = null)
        {
            nint result;
            Native.Check(Native.tl_nan_to_num(Handle, nan, NativeDouble.Of(posinf), NativeDouble.Of(neginf), &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor nan_to_num_(double nan = 0, double? posinf = null, double? neginf = null)
        {
            Native.Check(Native.tl_nan_to_num_(Handle, nan, NativeDouble.Of(posinf), NativeDouble.Of(neginf)));
            GC.KeepAlive(this);
            return this;
        }

        public unsafe Tensor masked_fill(Tensor mask, Scalar value)
        {
            nint result;
            Native.Check(Native.tl_masked_fill(Handle, mask.Handle, value.Native, &result));
            GC.KeepAlive(this);
            GC.KeepAlive(mask);
            return new Tensor(result);
        }

        public unsafe Tensor masked_fill_(Tensor mask, Scalar value)
        {
            Native.Check(Native.tl_masked_fill_(Handle, mask.Handle, value.Native));
            GC.KeepAlive(this);
            GC.KeepAlive(mask);
            return this;
        }

        public unsafe Tensor masked_select(Tensor mask)
        {
            nint result;
            Native.Check(Native.tl_masked_select(Handle, mask.Handle, &result));
            GC.KeepAlive(this);
            GC.KeepAlive(mask);
            return new Tensor(result);
        }

        public unsafe Tensor where(Tensor condition, Tensor y)
        {
            nint result;
            Native.Check(Native.tl_where(Handle, condition.Handle, y.Handle, &result));
            GC.KeepAlive(this);
            GC.KeepAlive(condition);
            GC.KeepAlive(y);
            return new Tensor(result);
        }

        public unsafe Tensor isclose(Tensor other, double rtol = 1e-05, double atol = 1e-08, bool nanEqual = false)
        {
            nint result;
            Native.Check(Native.tl_isclose(Handle, other.Handle, rtol, atol, nanEqual, &result));
            GC.KeepAlive(this);
            GC.KeepAlive(other);
            return new Tensor(result);
        }

        public unsafe bool allclose(Tensor target, double rtol = 1e-05, double atol = 1e-08, bool equal_nan = false)
        {
            bool result;
            Native.Check(Native.tl_allclose(Handle, target.Handle, rtol, atol, equal_nan, &result));
            GC.KeepAlive(this);
            GC.KeepAlive(target);
            return result;
        }

        public unsafe Tensor equal(Tensor target)
        {
            nint result;
            Native.Check(Native.tl_equal(Handle, target.Handle, &result));
            GC.KeepAlive(this);
            GC.KeepAlive(target);
            return new Tensor(result);
        }

        public unsafe Tensor all()
        {
            nint result;
            Native.Check(Native.tl_all(Handle, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor all(long dim, bool keepdim = false)
        {
            nint result;
            Native.Check(Native.tl_all_2(Handle, dim, keepdim, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor any()
        {
            nint result;
            Native.Check(Native.tl_any(Handle, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor any(long dim, bool keepdim = false)
        {
            nint result;
            Native.Check(Native.tl_any_2(Handle, dim, keepdim, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor sum(ScalarType? type = null)
        {
            nint result;
            Native.Check(Native.tl_sum(Handle, Native.Code(type), &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor sum(ReadOnlySpan<long> dim, bool keepdim = false, ScalarType? type = null)
        {
            nint result;
            fixed (long* dimValues = dim)
            Native.Check(Native.tl_sum_2(Handle, dimValues, dim.Length, keepdim, Native.Code(type), &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor sum(long dim, bool keepdim = false, ScalarType? type = null)
        {
            nint result;
            Native.Check(Native.tl_sum_3(Handle, dim, keepdim, Native.Code(type), &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor sum(long dim0, long dim1, bool keepdim = false, ScalarType? type = null)
        {
            nint result;
            Native.Check(Native.tl_sum_4(Handle, dim0, dim1, keepdim, Native.Code(type), &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor sum(long dim0, long dim1, long dim2, bool keepdim = false, ScalarType? type = null)
        {
            nint result;
            Native.Check(Native.tl_sum_5(Handle, dim0, dim1, dim2, keepdim, Native.Code(type), &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor sum(long[] dim, bool keepdim = false, ScalarType? type = null)
        {
            nint result;
            fixed (long* dimValues = dim)
            Native.Check(Native.tl_sum_6(Handle, dimValues, dim.Length, keepdim, Native.Code(type), &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor mean()
        {
            nint result;
            Native.Check(Native.tl_mean(Handle, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor mean(long[] dimensions, bool keepdim = false, ScalarType? type = null)
        {
            nint result;
            fixed (long* dimensionsValues = dimensions)
            Native.Check(Native.tl_mean_2(Handle, dimensionsValues, dimensions.Length, keepdim, Native.Code(type), &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor std(bool unbiased = true)
        {
            nint result;
            Native.Check(Native.tl_std(Handle, unbiased, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor std(long dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null)
        {
            nint result;
            Native.Check(Native.tl_std_2(Handle, dim, unbiased, keepdim, Native.Code(type), &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor std(long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null)
        {
            nint result;
            fixed (long* dimensionsValues = dimensions)
            Native.Check(Native.tl_std_3(Handle, dimensionsValues, dimensions.Length, unbiased, keepdim, Native.Code(type), &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor var(bool unbiased = true)
        {
            nint result;
            Native.Check(Native.tl_var(Handle, unbiased, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor var(long dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null)
        {
            nint result;
            Native.Check(Native.tl_var_2(Handle, dim, unbiased, keepdim, Native.Code(type), &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor var(long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null)
        {
            nint result;
            fixed (long* dimensionsValues = dimensions)
            Native.Check(Native.tl_var_3(Handle, dimensionsValues, dimensions.Length, unbiased, keepdim, Native.Code(type), &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe (Tensor std, Tensor mean) std_mean(bool unbiased = true)
        {
            var result = stackalloc nint[2];
            Native.Check(Native.tl_std_mean(Handle, unbiased, result));
            GC.KeepAlive(this);
            return (new Tensor(result[0]), new Tensor(result[1]));
        }

        public unsafe (Tensor std, Tensor mean) std_mean(long dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null)
        {
            var result = stackalloc nint[2];
            Native.Check(Native.tl_std_mean_2(Handle, dim, unbiased, keepdim, Native.Code(type), result));
            GC.KeepAlive(this);
            return (new Tensor(result[0]), new Tensor(result[1]));
        }

        public unsafe (Tensor std, Tensor mean) std_mean(long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null)
        {
            var result = stackalloc nint[2];
            fixed (long* dimensionsValues = dimensions)
            Native.Check(Native.tl_std_mean_3(Handle, dimensionsValues, dimensions.Length, unbiased, keepdim, Native.Code(type), result));
            GC.KeepAlive(this);
            return (new Tensor(result[0]), new Tensor(result[1]));
        }

        public unsafe (Tensor var, Tensor mean) var_mean(bool unbiased = true)
        {
            var result = stackalloc nint[2];
            Native.Check(Native.tl_var_mean(Handle, unbiased, result));
            GC.KeepAlive(this);
            return (new Tensor(result[0]), new Tensor(result[1]));
        }

        public unsafe (Tensor var, Tensor mean) var_mean(long dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null)
        {
            var result = stackalloc nint[2];
            Native.Check(Native.tl_var_mean_2(Handle, dim, unbiased, keepdim, Native.Code(type), result));
            GC.KeepAlive(this);
            return (new Tensor(result[0]), new Tensor(result[1]));
        }

        public unsafe Tensor prod(ScalarType? type = null)
        {
            nint result;
            Native.Check(Native.tl_prod(Handle, Native.Code(type), &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor prod(long dim, bool keepdim = false, ScalarType? type = null)
        {
            nint result;
            Native.Check(Native.tl_prod_2(Handle, dim, keepdim, Native.Code(type), &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe (Tensor values, Tensor indexes) max(long dim, bool keepdim = false)
        {
            var result = stackalloc nint[2];
            Native.Check(Native.tl_max(Handle, dim, keepdim, result));
            GC.KeepAlive(this);
            return (new Tensor(result[0]), new Tensor(result[1]));
        }

        public unsafe Tensor max()
        {
            nint result;
            Native.Check(Native.tl_max_2(Handle, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor max(Tensor other)
        {
            nint result;
            Native.Check(Native.tl_max_3(Handle, other.Handle, &result));
            GC.KeepAlive(this);
            GC.KeepAlive(other);
            return new Tensor(result);
        }

        public unsafe (Tensor values, Tensor indexes) min(long dim, bool keepdim = false)
        {
            var result = stackalloc nint[2];
            Native.Check(Native.tl_min(Handle, dim, keepdim, result));
            GC.KeepAlive(this);
            return (new Tensor(result[0]), new Tensor(result[1]));
        }

        public unsafe Tensor min()
        {
            nint result;
            Native.Check(Native.tl_min_2(Handle, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor min(Tensor other)
        {
            nint result;
            Native.Check(Native.tl_min_3(Handle, other.Handle, &result));
            GC.KeepAlive(this);
            GC.KeepAlive(other);
            return new Tensor(result);
        }

        public unsafe Tensor amax(params long[] dims)
        {
            nint result;
            fixed (long* dimsValues = dims)
            Native.Check(Native.tl_amax(Handle, dimsValues, dims.Length, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor amin(params long[] dims)
        {
            nint result;
            fixed (long* dimsValues = dims)
            Native.Check(Native.tl_amin(Handle, dimsValues, dims.Length, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor argmax()
        {
            nint result;
            Native.Check(Native.tl_argmax(Handle, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor argmax(long dim, bool keepdim = false)
        {
            nint result;
            Native.Check(Native.tl_argmax_2(Handle, dim, keepdim, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor argmin()
        {
            nint result;
            Native.Check(Native.tl_argmin(Handle, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor argmin(long dim, bool keepdim = false)
        {
            nint result;
            Native.Check(Native.tl_argmin_2(Handle, dim, keepdim, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor argsort(long dim = -1, bool descending = false)
        {
            nint result;
            Native.Check(Native.tl_argsort(Handle, dim, descending, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe (Tensor Values, Tensor Indices) sort(long dim = -1, bool descending = false, bool stable = false)
        {
            var result = stackalloc nint[2];
            Native.Check(Native.tl_sort(Handle, dim, descending, stable, result));
            GC.KeepAlive(this);
            return (new Tensor(result[0]), new Tensor(result[1]));
        }

        public unsafe (Tensor values, Tensor indexes) topk(int k, int dim = -1, bool largest = true, bool sorted = true)
        {
            var result = stackalloc nint[2];
            Native.Check(Native.tl_topk(Handle, k, dim, largest, sorted, result));
            GC.KeepAlive(this);
            return (new Tensor(result[0]), new Tensor(result[1]));
        }

        public unsafe (Tensor values, Tensor indices) kthvalue(long k, long? dim, bool keepdim = false)
        {
            var result = stackalloc nint[2];
            Native.Check(Native.tl_kthvalue(Handle, k, NativeLong.Of(dim), keepdim, result));
            GC.KeepAlive(this);
            return (new Tensor(result[0]), new Tensor(result[1]));
        }

        public unsafe Tensor median()
        {
            nint result;
            Native.Check(Native.tl_median(Handle, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor quantile(Tensor q, long dim = -1, bool keepdim = false)
        {
            nint result;
            Native.Check(Native.tl_quantile(Handle, q.Handle, dim, keepdim, &result));
            GC.KeepAlive(this);
            GC.KeepAlive(q);
            return new Tensor(result);
        }

        public unsafe Tensor norm(float p = 2)
        {
            nint result;
            Native.Check(Native.tl_norm(Handle, p, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor norm(int dim, bool keepdim = false, float p = 2)
        {
            nint result;
            Native.Check(Native.tl_norm_2(Handle, dim, keepdim, p, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor cumsum(long dim, ScalarType? type = null)
        {
            nint result;
            Native.Check(Native.tl_cumsum(Handle, dim, Native.Code(type), &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor cumprod(long dim, ScalarType? type = null)
        {
            nint result;
            Native.Check(Native.tl_cumprod(Handle, dim, Native.Code(type), &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor logsumexp(long dim, bool keepdim = false)
        {
            nint result;
            Native.Check(Native.tl_logsumexp(Handle, dim, keepdim, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor softmax(long dim, ScalarType? dtype = null)
        {
            nint result;
            Native.Check(Native.tl_softmax(Handle, dim, Native.Code(dtype), &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor log_softmax(long dim, ScalarType? dtype = null)
        {
            nint result;
            Native.Check(Native.tl_log_softmax(Handle, dim, Native.Code(dtype), &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor count_nonzero(long[]? dims = null)
        {
            nint result;
            fixed (long* dimsValues = dims)
            Native.Check(Native.tl_count_nonzero(Handle, dimsValues, dims?.Length ?? -1, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor nonzero()
        {
            nint result;
            Native.Check(Native.tl_nonzero(Handle, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe (Tensor output, Tensor inverse_indices, Tensor counts) unique(bool sorted = true, bool return_inverse = false, bool return_counts = false, int? dim = null)
        {
            var result = stackalloc nint[3];
            Native.Check(Native.tl_unique(Handle, sorted, return_inverse, return_counts, NativeLong.Of(dim), result));
            GC.KeepAlive(this);
            return (new Tensor(result[0]), new Tensor(result[1]), new Tensor(result[2]));
        }

        public unsafe Tensor bincount(Tensor weights, long minlength = 0)
        {
            nint result;
            Native.Check(Native.tl_bincount(Handle, weights.Handle, minlength, &result));
            GC.KeepAlive(this);
            GC.KeepAlive(weights);
            return new Tensor(result);
        }

        public unsafe Tensor diff(long n = 1, long dim = -1, Tensor? prepend = null, Tensor? append = null)
        {
            nint result;
            Native.Check(Native.tl_diff(Handle, n, dim, prepend is null ? 0 : prepend.Handle, append is null ? 0 : append.Handle, &result));
            GC.KeepAlive(this);
            GC.KeepAlive(prepend);
            GC.KeepAlive(append);
            return new Tensor(result);
        }

        public unsafe Tensor dist(Tensor other, float p = 2)
        {
            nint result;
            Native.Check(Native.tl_dist(Handle, other.Handle, p, &result));
            GC.KeepAlive(this);
            GC.KeepAlive(other);
            return new Tensor(result);
        }

        public unsafe Tensor histc(long bins = 100, long min = 0, long max = 0)
        {
            nint result;
            Native.Check(Native.tl_histc(Handle, bins, min, max, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor matmul(Tensor target)
        {
            nint result;
            Native.Check(Native.tl_matmul(Handle, target.Handle, &result));
            GC.KeepAlive(this);
            GC.KeepAlive(target);
            return new Tensor(result);
        }

        public unsafe Tensor mm(Tensor target)
        {
            nint result;
            Native.Check(Native.tl_mm(Handle, target.Handle, &result));
            GC.KeepAlive(this);
            GC.KeepAlive(target);
            return new Tensor(result);
        }

        public unsafe Tensor bmm(Tensor batch2)
        {
            nint result;
            Native.Check(Native.tl_bmm(Handle, batch2.Handle, &result));
            GC.KeepAlive(this);
            GC.KeepAlive(batch2);
            return new Tensor(result);
        }

        public unsafe Tensor mv(Tensor target)
        {
            nint result;
            Native.Check(Native.tl_mv(Handle, target.Handle, &result));
            GC.KeepAlive(this);
            GC.KeepAlive(target);
            return new Tensor(result);
        }

        public unsafe Tensor dot(Tensor target)
        {
            nint result;
            Native.Check(Native.tl_dot(Handle, target.Handle, &result));
            GC.KeepAlive(this);
            GC.KeepAlive(target);
            return new Tensor(result);
        }

        public unsafe Tensor outer(Tensor vec2)
        {
            nint result;
            Native.Check(Native.tl_outer(Handle, vec2.Handle, &result));
            GC.KeepAlive(this);
            GC.KeepAlive(vec2);
            return new Tensor(result);
        }

        public unsafe Tensor addmm(Tensor mat1, Tensor mat2, float beta = 1, float alpha = 1)
        {
            nint result;
            Native.Check(Native.tl_addmm(Handle, mat1.Handle, mat2.Handle, beta, alpha, &result));
            GC.KeepAlive(this);
            GC.KeepAlive(mat1);
            GC.KeepAlive(mat2);
            return new Tensor(result);
        }

        public unsafe Tensor addmm_(Tensor mat1, Tensor mat2, float beta = 1, float alpha = 1)
        {
            Native.Check(Native.tl_addmm_(Handle, mat1.Handle, mat2.Handle, beta, alpha));
            GC.KeepAlive(this);
            GC.KeepAlive(mat1);
            GC.KeepAlive(mat2);
            return this;
        }

        public unsafe Tensor baddbmm(Tensor batch1, Tensor batch2, float beta = 1, float alpha = 1)
        {
            nint result;
            Native.Check(Native.tl_baddbmm(Handle, batch1.Handle, batch2.Handle, beta, alpha, &result));
            GC.KeepAlive(this);
            GC.KeepAlive(batch1);
            GC.KeepAlive(batch2);
            return new Tensor(result);
        }

        public unsafe Tensor inverse()
        {
            nint result;
            Native.Check(Native.tl_inverse(Handle, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor cholesky(bool upper = false)
        {
            nint result;
            Native.Check(Native.tl_cholesky(Handle, upper, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor det()
        {
            nint result;
            Native.Check(Native.tl_det(Handle, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor logdet()
        {
            nint result;
            Native.Check(Native.tl_logdet(Handle, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor trace()
        {
            nint result;
            Native.Check(Native.tl_trace(Handle, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor reshape(params long[] shape)
        {
            nint result;
            fixed (long* shapeValues = shape)
            Native.Check(Native.tl_reshape(Handle, shapeValues, shape.Length, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor view(params long[] shape)
        {
            nint result;
            fixed (long* shapeValues = shape)
            Native.Check(Native.tl_view(Handle, shapeValues, shape.Length, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor view_as(Tensor other)
        {
            nint result;
            Native.Check(Native.tl_view_as(Handle, other.Handle, &result));
            GC.KeepAlive(this);
            GC.KeepAlive(other);
            return new Tensor(result);
        }

        public unsafe Tensor flatten(long start_dim = 0, long end_dim = -1)
        {
            nint result;
            Native.Check(Native.tl_flatten(Handle, start_dim, end_dim, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor unflatten(long dim, params long[] sizes)
        {
            nint result;
            fixed (long* sizesValues = sizes)
            Native.Check(Native.tl_unflatten(Handle, dim, sizesValues, sizes.Length, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor squeeze(long? dim = null)
        {
            nint result;
            Native.Check(Native.tl_squeeze(Handle, NativeLong.Of(dim), &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor squeeze_(long? dim = null)
        {
            Native.Check(Native.tl_squeeze_(Handle, NativeLong.Of(dim)));
            GC.KeepAlive(this);
            return this;
        }

        public unsafe Tensor unsqueeze(long dim)
        {
            nint result;
            Native.Check(Native.tl_unsqueeze(Handle, dim, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor unsqueeze_(long dim)
        {
            Native.Check(Native.tl_unsqueeze_(Handle, dim));
            GC.KeepAlive(this);
            return this;
        }

        public unsafe Tensor transpose(long dim0, long dim1)
        {
            nint result;
            Native.Check(Native.tl_transpose(Handle, dim0, dim1, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor t()
        {
            nint result;
            Native.Check(Native.tl_t(Handle, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor permute(params long[] permutation)
        {
            nint result;
            fixed (long* permutationValues = permutation)
            Native.Check(Native.tl_permute(Handle, permutationValues, permutation.Length, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor expand(ReadOnlySpan<long> sizes, bool isImplicit = false)
        {
            nint result;
            fixed (long* sizesValues = sizes)
            Native.Check(Native.tl_expand(Handle, sizesValues, sizes.Length, isImplicit, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor expand(long[] sizes, bool isImplicit = false)
        {
            nint result;
            fixed (long* sizesValues = sizes)
            Native.Check(Native.tl_expand_2(Handle, sizesValues, sizes.Length, isImplicit, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor expand(params long[] sizes)
        {
            nint result;
            fixed (long* sizesValues = sizes)
            Native.Check(Native.tl_expand_3(Handle, sizesValues, sizes.Length, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor expand_as(Tensor other)
        {
            nint result;
            Native.Check(Native.tl_expand_as(Handle, other.Handle, &result));
            GC.KeepAlive(this);
            GC.KeepAlive(other);
            return new Tensor(result);
        }

        public unsafe Tensor broadcast_to(params long[] shape)
        {
            nint result;
            fixed (long* shapeValues = shape)
            Native.Check(Native.tl_broadcast_to(Handle, shapeValues, shape.Length, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor repeat(params long[] sizes)
        {
            nint result;
            fixed (long* sizesValues = sizes)
            Native.Check(Native.tl_repeat(Handle, sizesValues, sizes.Length, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor repeat_interleave(Tensor repeats, long? dim = null, long? output_size = null)
        {
            nint result;
            Native.Check(Native.tl_repeat_interleave(Handle, repeats.Handle, NativeLong.Of(dim), NativeLong.Of(output_size), &result));
            GC.KeepAlive(this);
            GC.KeepAlive(repeats);
            return new Tensor(result);
        }

        public unsafe Tensor repeat_interleave(long repeats, long? dim = null, long? output_size = null)
        {
            nint result;
            Native.Check(Native.tl_repeat_interleave_2(Handle, repeats, NativeLong.Of(dim), NativeLong.Of(output_size), &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor flip(params long[] dims)
        {
            nint result;
            fixed (long* dimsValues = dims)
            Native.Check(Native.tl_flip(Handle, dimsValues, dims.Length, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor roll(long shifts, long? dims = null)
        {
            nint result;
            Native.Check(Native.tl_roll(Handle, shifts, NativeLong.Of(dims), &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor roll(long[] shifts)
        {
            nint result;
            fixed (long* shiftsValues = shifts)
            Native.Check(Native.tl_roll_2(Handle, shiftsValues, shifts.Length, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor roll(long[] shifts, long[] dims)
        {
            nint result;
            fixed (long* shiftsValues = shifts)
            fixed (long* dimsValues = dims)
            Native.Check(Native.tl_roll_3(Handle, shiftsValues, shifts.Length, dimsValues, dims.Length, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor narrow(long dim, long start, long length)
        {
            nint result;
            Native.Check(Native.tl_narrow(Handle, dim, start, length, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor select(long dim, long index)
        {
            nint result;
            Native.Check(Native.tl_select(Handle, dim, index, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor slice(long dim, long start, long finish, long step)
        {
            nint result;
            Native.Check(Native.tl_slice(Handle, dim, start, finish, step, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor[] unbind(long dimension = 0)
        {
            nint* result;
            long resultCount;
            Native.Check(Native.tl_unbind(Handle, dimension, &result, &resultCount));
            GC.KeepAlive(this);
            return Native.Tensors(result, resultCount);
        }

        public unsafe Tensor[] chunk(long chunks, long dim = 0)
        {
            nint* result;
            long resultCount;
            Native.Check(Native.tl_chunk(Handle, chunks, dim, &result, &resultCount));
            GC.KeepAlive(this);
            return Native.Tensors(result, resultCount);
        }

        public unsafe Tensor[] split(long size, int dim = 0)
        {
            nint* result;
            long resultCount;
            Native.Check(Native.tl_split(Handle, size, dim, &result, &resultCount));
            GC.KeepAlive(this);
            return Native.Tensors(result, resultCount);
        }

        public unsafe Tensor[] split(long[] sizes, long dim = 0)
        {
            nint* result;
            long resultCount;
            fixed (long* sizesValues = sizes)
            Native.Check(Native.tl_split_2(Handle, sizesValues, sizes.Length, dim, &result, &resultCount));
            GC.KeepAlive(this);
            return Native.Tensors(result, resultCount);
        }

        public unsafe Tensor[] split(params long[] sizes)
        {
            nint* result;
            long resultCount;
            fixed (long* sizesValues = sizes)
            Native.Check(Native.tl_split_3(Handle, sizesValues, sizes.Length, &result, &resultCount));
            GC.KeepAlive(this);
            return Native.Tensors(result, resultCount);
        }

        public unsafe Tensor tile(long[] reps)
        {
            nint result;
            fixed (long* repsValues = reps)
            Native.Check(Native.tl_tile(Handle, repsValues, reps.Length, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor swapaxes(long dim0, long dim1)
        {
            nint result;
            Native.Check(Native.tl_swapaxes(Handle, dim0, dim1, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor movedim(long[] source, long[] destination)
        {
            nint result;
            fixed (long* sourceValues = source)
            fixed (long* destinationValues = destination)
            Native.Check(Native.tl_movedim(Handle, sourceValues, source.Length, destinationValues, destination.Length, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor index_select(long dim, Tensor index)
        {
            nint result;
            Native.Check(Native.tl_index_select(Handle, dim, index.Handle, &result));
            GC.KeepAlive(this);
            GC.KeepAlive(index);
            return new Tensor(result);
        }

        public unsafe Tensor index_add(long dim, Tensor index, Tensor source, Scalar alpha)
        {
            nint result;
            Native.Check(Native.tl_index_add(Handle, dim, index.Handle, source.Handle, alpha.Native, &result));
            GC.KeepAlive(this);
            GC.KeepAlive(index);
            GC.KeepAlive(source);
            return new Tensor(result);
        }

        public unsafe Tensor index_add_(long dim, Tensor index, Tensor source, Scalar alpha)
        {
            Native.Check(Native.tl_index_add_(Handle, dim, index.Handle, source.Handle, alpha.Native));
            GC.KeepAlive(this);
            GC.KeepAlive(index);
            GC.KeepAlive(source);
            return this;
        }

        public unsafe Tensor index_copy(long dim, Tensor index, Tensor source)
        {
            nint result;
            Native.Check(Native.tl_index_copy(Handle, dim, index.Handle, source.Handle, &result));
            GC.KeepAlive(this);
            GC.KeepAlive(index);
            GC.KeepAlive(source);
            return new Tensor(result);
        }

        public unsafe Tensor index_copy_(long dim, Tensor index, Tensor source)
        {
            Native.Check(Native.tl_index_copy_(Handle, dim, index.Handle, source.Handle));
            GC.KeepAlive(this);
            GC.KeepAlive(index);
            GC.KeepAlive(source);
            return this;
        }

        public unsafe Tensor index_fill(long dim, Tensor index, Scalar value)
        {
            nint result;
            Native.Check(Native.tl_index_fill(Handle, dim, index.Handle, value.Native, &result));
            GC.KeepAlive(this);
            GC.KeepAlive(index);
            return new Tensor(result);
        }

        public unsafe Tensor index_fill_(long dim, Tensor index, Scalar value)
        {
            Native.Check(Native.tl_index_fill_(Handle, dim, index.Handle, value.Native));
            GC.KeepAlive(this);
            GC.KeepAlive(index);
            return this;
        }

        public unsafe Tensor gather(long dim, Tensor index)
        {
            nint result;
            Native.Check(Native.tl_gather(Handle, dim, index.Handle, &result));
            GC.KeepAlive(this);
            GC.KeepAlive(index);
            return new Tensor(result);
        }

        public unsafe Tensor scatter(long dim, Tensor index, Tensor src)
        {
            nint result;
            Native.Check(Native.tl_scatter(Handle, dim, index.Handle, src.Handle, &result));
            GC.KeepAlive(this);
            GC.KeepAlive(index);
            GC.KeepAlive(src);
            return new Tensor(result);
        }

        public unsafe Tensor scatter_(long dim, Tensor index, Tensor src)
        {
            Native.Check(Native.tl_scatter_(Handle, dim, index.Handle, src.Handle));
            GC.KeepAlive(this);
            GC.KeepAlive(index);
            GC.KeepAlive(src);
            return this;
        }

        public unsafe Tensor scatter_add(long dim, Tensor index, Tensor src)
        {
            nint result;
            Native.Check(Native.tl_scatter_add(Handle, dim, index.Handle, src.Handle, &result));
            GC.KeepAlive(this);
            GC.KeepAlive(index);
            GC.KeepAlive(src);
            return new Tensor(result);
        }

        public unsafe Tensor scatter_add_(long dim, Tensor index, Tensor src)
        {
            Native.Check(Native.tl_scatter_add_(Handle, dim, index.Handle, src.Handle));
            GC.KeepAlive(this);
            GC.KeepAlive(index);
            GC.KeepAlive(src);
            return this;
        }

        public unsafe Tensor take(Tensor index)
        {
            nint result;
            Native.Check(Native.tl_take(Handle, index.Handle, &result));
            GC.KeepAlive(this);
            GC.KeepAlive(index);
            return new Tensor(result);
        }

        public unsafe Tensor take_along_dim(Tensor indices, long dim)
        {
            nint result;
            Native.Check(Native.tl_take_along_dim(Handle, indices.Handle, dim, &result));
            GC.KeepAlive(this);
            GC.KeepAlive(indices);
            return new Tensor(result);
        }

        public unsafe Tensor masked_scatter(Tensor mask, Tensor value)
        {
            nint result;
            Native.Check(Native.tl_masked_scatter(Handle, mask.Handle, value.Handle, &result));
            GC.KeepAlive(this);
            GC.KeepAlive(mask);
            GC.KeepAlive(value);
            return new Tensor(result);
        }

        public unsafe Tensor masked_scatter_(Tensor mask, Tensor value)
        {
            Native.Check(Native.tl_masked_scatter_(Handle, mask.Handle, value.Handle));
            GC.KeepAlive(this);
            GC.KeepAlive(mask);
            GC.KeepAlive(value);
            return this;
        }

        public unsafe Tensor tril(long diagonal = 0)
        {
            nint result;
            Native.Check(Native.tl_tril(Handle, diagonal, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor triu(long diagonal = 0)
        {
            nint result;
            Native.Check(Native.tl_triu(Handle, diagonal, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor diag(long diagonal = 0)
        {
            nint result;
            Native.Check(Native.tl_diag(Handle, diagonal, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor diagonal(long offset = 0, long dim1 = 0, long dim2 = 1)
        {
            nint result;
            Native.Check(Native.tl_diagonal(Handle, offset, dim1, dim2, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor diag_embed(long offset = 0, long dim1 = -2, long dim2 = -1)
        {
            nint result;
            Native.Check(Native.tl_diag_embed(Handle, offset, dim1, dim2, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor as_strided(long[] size, long[] strides, long storageOffset = 0)
        {
            nint result;
            fixed (long* sizeValues = size)
            fixed (long* stridesValues = strides)
            Native.Check(Native.tl_as_strided(Handle, sizeValues, size.Length, stridesValues, strides.Length, storageOffset, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor unfold(long dimension, long size, long step)
        {
            nint result;
            Native.Check(Native.tl_unfold(Handle, dimension, size, step, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor bucketize(Tensor boundaries, bool outInt32 = false, bool right = false)
        {
            nint result;
            Native.Check(Native.tl_bucketize(Handle, boundaries.Handle, outInt32, right, &result));
            GC.KeepAlive(this);
            GC.KeepAlive(boundaries);
            return new Tensor(result);
        }

        public unsafe Tensor clone()
        {
            nint result;
            Native.Check(Native.tl_clone(Handle, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor alias()
        {
            nint result;
            Native.Check(Native.tl_alias(Handle, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor contiguous()
        {
            nint result;
            Native.Check(Native.tl_contiguous(Handle, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor detach()
        {
            nint result;
            Native.Check(Native.tl_detach(Handle, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor detach_()
        {
            Native.Check(Native.tl_detach_(Handle));
            GC.KeepAlive(this);
            return this;
        }

        public unsafe Tensor fill_(Scalar value)
        {
            Native.Check(Native.tl_fill_(Handle, value.Native));
            GC.KeepAlive(this);
            return this;
        }

        public unsafe Tensor zero_()
        {
            Native.Check(Native.tl_zero_(Handle));
            GC.KeepAlive(this);
            return this;
        }

        public unsafe Tensor copy_(Tensor source, bool nonBlocking = false)
        {
            Native.Check(Native.tl_copy_(Handle, source.Handle, nonBlocking));
            GC.KeepAlive(this);
            GC.KeepAlive(source);
            return this;
        }

        public unsafe Tensor normal_(double mean = 0, double std = 1, Generator? generator = null)
        {
            Native.Check(Native.tl_normal_(Handle, mean, std, generator is null ? 0 : generator.Handle));
            GC.KeepAlive(this);
            GC.KeepAlive(generator);
            return this;
        }

        public unsafe Tensor uniform_(double from, double to, Generator? generator = null)
        {
            Native.Check(Native.tl_uniform_(Handle, from, to, generator is null ? 0 : generator.Handle));
            GC.KeepAlive(this);
            GC.KeepAlive(generator);
            return this;
        }

        public unsafe Tensor random_(double from, double to, Generator? generator = null)
        {
            Native.Check(Native.tl_random_(Handle, from, to, generator is null ? 0 : generator.Handle));
            GC.KeepAlive(this);
            GC.KeepAlive(generator);
            return this;
        }

        public unsafe Tensor bernoulli(Generator? generator = null)
        {
            nint result;
            Native.Check(Native.tl_bernoulli(Handle, generator is null ? 0 : generator.Handle, &result));
            GC.KeepAlive(this);
            GC.KeepAlive(generator);
            return new Tensor(result);
        }

        public unsafe Tensor bernoulli_(Tensor p, Generator? generator = null)
        {
            Native.Check(Native.tl_bernoulli_(Handle, p.Handle, generator is null ? 0 : generator.Handle));
            GC.KeepAlive(this);
            GC.KeepAlive(p);
            GC.KeepAlive(generator);
            return this;
        }

        public unsafe Tensor bernoulli_(double p = 0.5, Generator? generator = null)
        {
            Native.Check(Native.tl_bernoulli__2(Handle, p, generator is null ? 0 : generator.Handle));
            GC.KeepAlive(this);
            GC.KeepAlive(generator);
            return this;
        }

        public unsafe Tensor multinomial(long num_samples, bool replacement = false, Generator? generator = null)
        {
            nint result;
            Native.Check(Native.tl_multinomial(Handle, num_samples, replacement, generator is null ? 0 : generator.Handle, &result));
            GC.KeepAlive(this);
            GC.KeepAlive(generator);
            return new Tensor(result);
        }

        public unsafe Tensor exponential_(double lambda = 1, Generator? generator = null)
        {
            Native.Check(Native.tl_exponential_(Handle, lambda, generator is null ? 0 : generator.Handle));
            GC.KeepAlive(this);
            GC.KeepAlive(generator);
            return this;
        }

        public unsafe Tensor leaky_relu(Scalar negative_slope)
        {
            nint result;
            Native.Check(Native.tl_leaky_relu(Handle, negative_slope.Native, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor elu(Scalar alpha, Scalar scale, Scalar input_scale)
        {
            nint result;
            Native.Check(Native.tl_elu(Handle, alpha.Native, scale.Native, input_scale.Native, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor elu(double alpha = 1)
        {
            nint result;
            Native.Check(Native.tl_elu_2(Handle, alpha, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor gelu()
        {
            nint result;
            Native.Check(Native.tl_gelu(Handle, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor gelu(GELU.Approximate approximate)
        {
            nint result;
            Native.Check(Native.tl_gelu_2(Handle, (long)approximate, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor gelu_()
        {
            Native.Check(Native.tl_gelu_(Handle));
            GC.KeepAlive(this);
            return this;
        }

        public unsafe Tensor gelu_(GELU.Approximate approximate)
        {
            Native.Check(Native.tl_gelu__2(Handle, (long)approximate));
            GC.KeepAlive(this);
            return this;
        }

        public unsafe Tensor hardtanh(Scalar min, Scalar max)
        {
            nint result;
            Native.Check(Native.tl_hardtanh(Handle, min.Native, max.Native, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public unsafe Tensor cov(long correction = 1, Tensor? fweights = null, Tensor? aweights = null)
        {
            nint result;
            Native.Check(Native.tl_cov(Handle, correction, fweights is null ? 0 : fweights.Handle, aweights is null ? 0 : aweights.Handle, &result));
            GC.KeepAlive(this);
            GC.KeepAlive(fweights);
            GC.KeepAlive(aweights);
            return new Tensor(result);
        }

        public unsafe Tensor corrcoef()
        {
            nint result;
            Native.Check(Native.tl_corrcoef(Handle, &result));
            GC.KeepAlive(this);
            return new Tensor(result);
        }
    }
}
