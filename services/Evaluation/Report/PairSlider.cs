using System.Text;
using Mlops.Diffusion.Images;
using static TorchSharp.torch;

namespace Mlops.Evaluation.Report;

/// <summary>Pictures of both models from equal noise on one sheet: above the dense model's, below the pruned one's.
/// </summary>
/// <param name="Sheet">PNG without gaps, one pixel for one.</param>
/// <param name="Count">Pairs.</param>
/// <param name="Width">Of one picture, in pixels.</param>
/// <param name="Height">Of one picture, in pixels.</param>
public sealed record PairSlider(byte[] Sheet, int Count, int Width, int Height)
{
    /// <summary>Lays pictures side by side.</summary>
    /// <param name="dense">[N, C, H, W] in [-1, 1].</param>
    /// <param name="pruned">Same shape, same start noise.</param>
    public static PairSlider Of(Tensor dense, Tensor pruned)
    {
        using var scope = NewDisposeScope();
        var (count, height, width) = ((int)dense.shape[0], (int)dense.shape[2], (int)dense.shape[3]);
        // [N, C, H, W] -> [C, H, N, W] -> [C, H, N W], one below the other -> [1, C, 2 H, N W]
        var rows = new[] { dense, pruned }.Select(row => row.permute(1, 2, 0, 3).flatten(2)).ToArray();
        var sheet = cat(rows, 1).unsqueeze(0).contiguous();
        return new(ImageFile.EncodePng(ImageTensor.ToRasters(sheet)[0]), count, width, height);
    }

    /// <summary>Adds the pictures, enlarged, one over the other, and the boundary between them, which the arrow keys
    /// move, too. On paper they stand side by side.</summary>
    internal void Append(StringBuilder page)
    {
        page.Append("<section class='compare'><h2>Before and after</h2><p class='note'>Left dense, right pruned, ");
        page.Append("from equal noise. <span>Drag the boundary, or focus it and use the arrow keys.</span></p>");
        page.Append("<label>dense <input type='range' min='0' max='100' value='50' aria-label='Percent of each ");
        page.Append("picture that shows the dense model'> pruned</label><svg class='sheet' aria-hidden='true'><image ");
        page.Append($"id='sheet' width='{Count * Width}' height='{2 * Height}' href='data:image/png;base64,");
        page.Append(Convert.ToBase64String(Sheet)).Append("'/></svg><div class='pictures'>");
        for (var pair = 0; pair < Count; pair++)
            page.Append("<div class='picture'>").Append(Picture(pair, 0, "dense")).Append(Picture(pair, 1, "pruned"))
                .Append("</div>");
        page.Append("</div></section>");
    }

    private string Picture(int pair, int row, string model) =>
        $"<svg class='{model}' viewBox='{pair * Width} {row * Height} {Width} {Height}' role='img' "
        + $"aria-label='Pair {pair + 1}, {model}'><use href='#sheet'/></svg>";
}
