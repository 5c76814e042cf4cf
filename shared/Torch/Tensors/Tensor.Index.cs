using System.Runtime.CompilerServices;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        [IndexerName("TensorItems")]
        public Tensor this[params TensorIndex[] indices]
        {
            get => index(indices);
            set => index_put_(value, indices);
        }

        [IndexerName("TensorItems")]
        public Tensor this[params Tensor[] indices]
        {
            get => index(indices);
            set => index_put_(value, indices);
        }

        [IndexerName("TensorItems")]
        public Tensor this[params long[] indices]
        {
            get => index(Singles(indices));
            set => index_put_(value, Singles(indices));
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1]
        {
            get => select(0, i1);
            set => index_put_(value, Singles(i1));
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1, long i2]
        {
            get => index(Singles(i1, i2));
            set => index_put_(value, Singles(i1, i2));
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1, long i2, long i3]
        {
            get => index(Singles(i1, i2, i3));
            set => index_put_(value, Singles(i1, i2, i3));
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1, long i2, long i3, long i4]
        {
            get => index(Singles(i1, i2, i3, i4));
            set => index_put_(value, Singles(i1, i2, i3, i4));
        }

        public Tensor index(params TensorIndex[] indices)
        {
            var (view, positions, made) = View(indices);
            var result = positions.Count == 0 ? view : Ops.index(view, positions!);
            foreach (var temporary in made.Where(t => !ReferenceEquals(t, result)))
                temporary.Dispose();
            // A view of the whole is still another object, as everywhere else.
            return ReferenceEquals(result, this) ? alias() : result;
        }

        public Tensor index(params Tensor[] indices) => Ops.index(this, indices);

        public Tensor index_put_(Tensor value, params TensorIndex[] indices) => index_put_(value, indices, false);

        public Tensor index_put_(Tensor value, TensorIndex[] indices, bool accumulate = false)
        {
            var (view, positions, made) = View(indices);
            if (positions.Count > 0)
                Ops.index_put_(view, positions!, value, accumulate);
            else if (accumulate)
                view.add_(value);
            else
                view.copy_(value);
            made.ForEach(t => t.Dispose());
            return this;
        }

        public Tensor index_put_(Tensor value, params Tensor[] indices) => index_put_(value, indices, false);

        public Tensor index_put_(Tensor value, Tensor[] indices, bool accumulate = false)
        {
            Ops.index_put_(this, indices, value, accumulate);
            return this;
        }

        public Tensor index_put_(Scalar value, params TensorIndex[] indices)
        {
            using var number = full([], value, dtype, device);
            return index_put_(number, indices);
        }

        public Tensor index_put_(Scalar value, params Tensor[] indices)
        {
            using var number = full([], value, dtype, device);
            return index_put_(number, indices);
        }

        private static TensorIndex[] Singles(params long[] indices) => Array.ConvertAll(indices, i => (TensorIndex)i);

        /// <summary>Applies what is a view (numbers, slices, new axes) and collects what picks by tensor.</summary>
        private (Tensor View, List<Tensor?> Positions, List<Tensor> Made) View(TensorIndex[] indices)
        {
            var view = this;
            var positions = new List<Tensor?>();
            var made = new List<Tensor>();
            long dim = 0;

            void Next(Tensor next)
            {
                view = next;
                made.Add(next);
            }

            void Pick(Tensor tensor, long width)
            {
                while (positions.Count < dim)
                    positions.Add(null);
                positions.Add(tensor);
                dim += width;
            }

            foreach (var entry in indices)
                switch (entry.Kind)
                {
                    case TensorIndex.Sort.Ellipsis:
                        dim = view.dim() - Array.IndexOf(indices, entry) switch
                        {
                            var at => indices.Skip(at + 1).Sum(Width),
                        };
                        break;
                    case TensorIndex.Sort.None:
                        Next(view.unsqueeze(dim++));
                        break;
                    case TensorIndex.Sort.Bool:
                        Next(view.unsqueeze(dim));
                        made.Add(tensor(new[] { entry.Start == 1 }, device: view.device));
                        Pick(made[^1], 1);
                        break;
                    case TensorIndex.Sort.Single:
                        Next(view.select(dim, entry.Start!.Value));
                        break;
                    case TensorIndex.Sort.Slice:
                        Next(Ops.slice(view, dim++, entry.Start, entry.Stop, entry.Step));
                        break;
                    default:
                        Pick(entry.Positions!, entry.Positions!.dtype == ScalarType.Bool ? entry.Positions.dim() : 1);
                        break;
                }

            return (view, positions, made);
        }

        /// <summary>How many dimensions of the source one entry uses up.</summary>
        private static long Width(TensorIndex entry) => entry.Kind switch
        {
            TensorIndex.Sort.None or TensorIndex.Sort.Bool => 0,
            TensorIndex.Sort.Tensor when entry.Positions!.dtype == ScalarType.Bool => entry.Positions.dim(),
            _ => 1,
        };
    }
}
