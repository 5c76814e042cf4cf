using Mlops.Diffusion;
using Mlops.Diffusion.Metrics;
using Mlops.Diffusion.Weights;
using Mlops.Tests.Support;
using static TorchSharp.torch;

namespace Mlops.Tests.Diffusion.Metrics;

public sealed class FeatureNetworkTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Distribution_metrics_are_the_same_for_batches_of_1_to_64()
    {
        using var scope = NewDisposeScope();
        using var network = FeatureNetwork.Load(SomeFeatures.Clip(_folder.File("clip")));
        var (real, drawn) = (SomeFeatures.Pictures(64), SomeFeatures.Pictures(64, seed: 2) * 0.7);

        var numbers = new[] { 1, 3, 16, 64 }.Select(size =>
        {
            var (x, y) = (network.Compute(real, batchSize: size), network.Compute(drawn, batchSize: size));
            Assert.Equal([64, 12], x.shape);
            var manifolds = PrecisionRecall.Estimate(x, y);
            return (double[])[Kid.Distance(x, y), Frechet.Distance(x, y), manifolds.Precision.Value,
                manifolds.Recall.Value];
        }).ToList();

        Assert.All(numbers, found => Assert.All(
            found.Zip(numbers[0]), pair => Assert.Equal(pair.Second, pair.First, Math.Abs(pair.Second) * 1e-5)));
    }

    [Fact]
    public void Pictures_are_seen_in_8_bits_clipped_and_gray_ones_in_equal_channels()
    {
        using var scope = NewDisposeScope();
        using var network = FeatureNetwork.Load(SomeFeatures.Clip(_folder.File("clip")));
        var gray = SomeFeatures.Pictures(2).narrow(1, 0, 1) * 2;
        var stored = (((gray.clamp(-1, 1) + 1) * 127.5).round() / 127.5) - 1;

        Assert.Equal(
            network.Compute(stored.expand(-1, 3, -1, -1)).Doubles(), network.Compute(gray).Doubles());
        Assert.Throws<InvalidDataException>(() => network.CheckSees(4));
    }

    [Fact]
    public void A_network_is_saved_as_it_was_and_its_protocol_names_its_weights()
    {
        using var scope = NewDisposeScope();
        using var network = FeatureNetwork.Load(SomeFeatures.Clip(_folder.File("clip")));
        using var other = FeatureNetwork.Load(SomeFeatures.Clip(
            _folder.File("other"), tensors => tensors["visual_projection.weight"].add_(1)));
        network.Save(_folder.File("copy"));
        using var copy = FeatureNetwork.Load(_folder.File("copy/model.safetensors"));

        Assert.StartsWith("clip-vision/1 embeds bicubic20 weights=", network.Protocol, StringComparison.Ordinal);
        Assert.Equal(network.Protocol, copy.Protocol);
        Assert.NotEqual(network.Protocol, other.Protocol);
    }

    [Theory]
    [InlineData("visual_projection.weight", null, "misses tensor \"visual_projection.weight\"")]
    [InlineData("text_projection.weight", 4L, "holds the unexpected tensor \"text_projection.weight\"; save")]
    [InlineData("vision_model.post_layernorm.bias", 4L, "with shape [4] instead of [16]")]
    [InlineData("vision_model.embeddings.class_embedding", null, "is no network for features: it holds neither")]
    public void Weights_that_are_not_those_of_the_network_are_refused_by_name(string name, long? size, string sentence)
    {
        var folder = SomeFeatures.Clip(_folder.File("clip"), tensors =>
        {
            tensors.Remove(name);
            if (size is { } rows)
                tensors[name] = ones(rows);
        });

        var thrown = Assert.Throws<InvalidDataException>(() => FeatureNetwork.Load(folder));

        Assert.Contains(sentence, thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Counters_that_nothing_computes_with_may_be_in_the_file()
    {
        using var with = FeatureNetwork.Load(SomeFeatures.Clip(
            _folder.File("with"), tensors => tensors["vision_model.embeddings.position_ids"] = arange(26)));
        using var without = FeatureNetwork.Load(SomeFeatures.Clip(_folder.File("without")));

        Assert.Equal(without.Protocol, with.Protocol);
    }

    [Fact]
    public void What_is_missing_is_said_in_a_sentence()
    {
        File.Delete(Path.Combine(SomeFeatures.Clip(_folder.File("clip")), "config.json"));

        Assert.Contains("config.json does not exist; put it beside", Assert.Throws<FileNotFoundException>(
            () => FeatureNetwork.Load(_folder.File("clip"))).Message, StringComparison.Ordinal);
        Assert.Throws<FileNotFoundException>(() => FeatureNetwork.Load(_folder.File("nothing.safetensors")));
        using (var some = zeros(1))
            SafetensorsWriter.Write(
                _folder.File("inception.safetensors"),
                new Dictionary<string, Tensor> { ["Conv2d_1a_3x3.conv.weight"] = some });
        Assert.Contains("misses tensor \"fc.weight\"", Assert.Throws<InvalidDataException>(
            () => FeatureNetwork.Load(_folder.File("inception.safetensors"))).Message, StringComparison.Ordinal);
    }
}
