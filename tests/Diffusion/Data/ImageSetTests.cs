using Mlops.Diffusion.Data;
using static TorchSharp.torch;

namespace Mlops.Tests.Diffusion.Data;

public sealed class ImageSetTests
{
    [Fact]
    public void An_epoch_visits_every_image_once_and_epochs_differ()
    {
        var set = new ProceduralSet(20, 3);

        int[] first = [.. Enumerable.Range(0, 5).SelectMany(step => set.IndicesOf(7, step * 4, 4))];
        int[] second = [.. Enumerable.Range(5, 5).SelectMany(step => set.IndicesOf(7, step * 4, 4))];

        Assert.Equal(Enumerable.Range(0, 20), first.Order());
        Assert.Equal(Enumerable.Range(0, 20), second.Order());
        Assert.NotEqual(first, second);
        // A batch that is smaller than those before it goes on behind them.
        Assert.Equal(first[16..19], set.IndicesOf(7, 16, 3));
    }

    [Fact]
    public void The_batch_of_a_step_needs_no_history()
    {
        using var scope = NewDisposeScope();
        var long1 = new ProceduralSet(30, 3);
        for (var step = 0; step < 9; step++)
            long1.IndicesOf(7, step * 8, 8);

        var (images, labels) = long1.Batch(7, 9, 8, flip: true);
        var (again, labelsAgain) = new ProceduralSet(30, 3).Batch(7, 9, 8, flip: true);
        var (other, _) = new ProceduralSet(30, 3).Batch(8, 9, 8, flip: true);

        Assert.Equal([8, 3, 32, 32], images.shape);
        Assert.Equal(0, (images - again).abs().max().item<float>());
        Assert.Equal(labels.data<long>().ToArray(), labelsAgain.data<long>().ToArray());
        Assert.True((images - other).abs().max().item<float>() > 0.5f);
    }

    [Fact]
    public void A_mirrored_image_is_the_image_from_right_to_left()
    {
        using var scope = NewDisposeScope();
        var set = new ProceduralSet(10, 3);

        var (plain, _) = set.Batch([4, 5]);
        var (mirrored, _) = set.Batch([4, 5], [true, false]);

        Assert.Equal(0, (plain[0].flip(2) - mirrored[0]).abs().max().item<float>());
        Assert.Equal(0, (plain[1] - mirrored[1]).abs().max().item<float>());
    }

    [Fact]
    public void Procedural_pictures_are_in_range_varied_and_told_apart_by_class()
    {
        using var scope = NewDisposeScope();
        var set = new ProceduralSet(400, 3);
        var (images, labels) = set.Batch([.. Enumerable.Range(0, 400)]);

        Assert.InRange(images.min().item<float>(), -1f, -0.8f);
        Assert.InRange(images.max().item<float>(), 0.8f, 1f);
        Assert.InRange(images.mean().item<float>(), -0.3f, 0.3f);
        Assert.Equal(40, labels.data<long>().ToArray().Count(label => label == 9));
        var different = Enumerable.Range(0, 400)
            .Select(i => Convert.ToBase64String(set.Picture(i).Samples)).Distinct();
        Assert.Equal(400, different.Count());
    }

    [Fact]
    public void An_index_outside_the_set_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new ProceduralSet(10, 3).Batch([10]));
}
