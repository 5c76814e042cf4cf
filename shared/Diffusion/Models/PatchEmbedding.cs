using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Mlops.Diffusion.Models;

/// <summary>Turns an image into tokens, one for each patch, and adds their fixed positions.</summary>
public sealed class PatchEmbedding : NamedModule
{
    private readonly long _grid;
    private (long Rows, long Columns, Tensor Values)? _positions;

    internal PatchEmbedding(DiTOptions options)
        : base(nameof(PatchEmbedding))
    {
        _grid = options.SampleSize / options.PatchSize;
        Projection = Register("proj", nn.Conv2d(
            options.InChannels, options.Width, options.PatchSize, stride: options.PatchSize, device: META));
    }

    public Conv2d Projection { get; }

    /// <summary>[N, C, H, W] to [N, H/p·W/p, width].</summary>
    internal Tensor Forward(Tensor image)
    {
        using var scope = NewDisposeScope();
        var patches = Projection.Apply(image);                                   // [N, width, R, C]
        var positions = Positions(patches.shape[2], patches.shape[3], patches);
        return scope.MoveToOuter(patches.flatten(2).transpose(1, 2) + positions);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _positions?.Values.Dispose();
        base.Dispose(disposing);
    }

    private Tensor Positions(long rows, long columns, Tensor like)
    {
        if (_positions is { } known && (known.Rows, known.Columns) == (rows, columns)
            && known.Values.device == like.device && known.Values.dtype == like.dtype)
            return known.Values;
        _positions?.Values.Dispose();
        using var scope = NewDisposeScope();
        var width = Projection.weight.shape[0];
        var values = tensor(PositionTable.Compute(rows, columns, _grid, width), [1, rows * columns, width],
            device: like.device).to_type(like.dtype);
        _positions = (rows, columns, values.DetachFromDisposeScope());
        return values;
    }
}
