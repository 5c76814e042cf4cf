namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>Fills tensors in place; no graph is recorded.</summary>
        public static class init
        {
            /// <summary>Which side of a weight counts.</summary>
            public enum FanInOut
            {
                FanIn = 0,
                FanOut = 1,
            }

            /// <summary>The function that follows the weight.</summary>
            public enum NonlinearityType
            {
                Linear = 0,
                Conv1D = 1,
                Conv2D = 2,
                Conv3D = 3,
                ConvTranspose1D = 4,
                ConvTranspose2D = 5,
                ConvTranspose3D = 6,
                Sigmoid = 7,
                Tanh = 8,
                ReLU = 9,
                LeakyReLU = 10,
            }

            public static Tensor zeros_(Tensor tensor) => Quiet(tensor, t => t.zero_());

            public static Tensor ones_(Tensor tensor) => Quiet(tensor, t => t.fill_(1));

            public static Tensor constant_(Tensor tensor, Scalar val) => Quiet(tensor, t => t.fill_(val));

            public static Tensor normal_(
                Tensor tensor, double mean = 0, double std = 1, Generator? generator = null) =>
                Quiet(tensor, t => t.normal_(mean, std, generator));

            public static Tensor uniform_(
                Tensor tensor, double low = 0, double high = 1, Generator? generator = null) =>
                Quiet(tensor, t => t.uniform_(low, high, generator));

            /// <summary>Normal values within [a, b]: the inverse distribution of uniform ones.</summary>
            public static Tensor trunc_normal_(Tensor tensor, double mean = 0, double std = 1, double a = -2,
                double b = 2, Generator? generator = null)
            {
                using var scope = NewDisposeScope();
                var low = (1 + Erf((a - mean) / std / Math.Sqrt(2))) / 2;
                var high = (1 + Erf((b - mean) / std / Math.Sqrt(2))) / 2;
                return Quiet(tensor, t => t.uniform_(2 * low - 1, 2 * high - 1, generator)
                    .copy_(t.erfinv()).mul_(std * Math.Sqrt(2)).add_(mean).clamp_(a, b));
            }

            /// <summary>Glorot and Bengio 2010, uniform.</summary>
            public static Tensor xavier_uniform_(Tensor tensor, double gain = 1)
            {
                var (fanIn, fanOut) = CalculateFanInAndFanOut(tensor);
                var bound = gain * Math.Sqrt(6.0 / (fanIn + fanOut));
                return uniform_(tensor, -bound, bound);
            }

            /// <summary>Glorot and Bengio 2010, normal.</summary>
            public static Tensor xavier_normal_(Tensor tensor, double gain = 1)
            {
                var (fanIn, fanOut) = CalculateFanInAndFanOut(tensor);
                return normal_(tensor, 0, gain * Math.Sqrt(2.0 / (fanIn + fanOut)));
            }

            /// <summary>He et al. 2015, uniform.</summary>
            public static Tensor kaiming_uniform_(Tensor tensor, double a = 0, FanInOut mode = FanInOut.FanIn,
                NonlinearityType nonlinearity = NonlinearityType.LeakyReLU)
            {
                var bound = Math.Sqrt(3) * Spread(tensor, a, mode, nonlinearity);
                return uniform_(tensor, -bound, bound);
            }

            /// <summary>He et al. 2015, normal.</summary>
            public static Tensor kaiming_normal_(Tensor tensor, double a = 0, FanInOut mode = FanInOut.FanIn,
                NonlinearityType nonlinearity = NonlinearityType.LeakyReLU) =>
                normal_(tensor, 0, Spread(tensor, a, mode, nonlinearity));

            public static double calculate_gain(NonlinearityType nonlinearity, double param = 0) =>
                nonlinearity switch
                {
                    NonlinearityType.Tanh => 5.0 / 3.0,
                    NonlinearityType.ReLU => Math.Sqrt(2),
                    NonlinearityType.LeakyReLU => Math.Sqrt(2 / (1 + param * param)),
                    _ => 1,
                };

            public static (long fanIn, long fanOut) CalculateFanInAndFanOut(Tensor tensor)
            {
                var shape = tensor.shape;
                if (shape.Length < 2)
                    throw new ArgumentException("fan in and fan out need a tensor of at least 2 dimensions");
                var field = shape[2..].Aggregate(1L, (product, extent) => product * extent);
                return (shape[1] * field, shape[0] * field);
            }

            private static double Spread(Tensor tensor, double a, FanInOut mode, NonlinearityType nonlinearity)
            {
                var (fanIn, fanOut) = CalculateFanInAndFanOut(tensor);
                return calculate_gain(nonlinearity, a) / Math.Sqrt(mode == FanInOut.FanIn ? fanIn : fanOut);
            }

            private static Tensor Quiet(Tensor tensor, Func<Tensor, Tensor> fill)
            {
                using var noGrad = no_grad();
                using var scope = NewDisposeScope();
                fill(tensor);
                return tensor;
            }

            private static double Erf(double x)
            {
                using var value = torch.tensor(x);
                using var result = value.erf();
                return result.item<double>();
            }
        }
    }
}
