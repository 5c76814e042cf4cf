using System.Reflection;
using System.Text.Json;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Mlops.Tests.Diffusion.Torch;

/// <summary>The TorchSharp that runs is the repaired one (infra/torch), and the repair holds.</summary>
public sealed class RepairTests
{
    private const int StepsOfARun = 400, GarbageMakers = 4;

    [Fact]
    public void The_loaded_assembly_is_the_repaired_one()
    {
        var marks = typeof(Tensor).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>();

        Assert.Contains(marks, mark => mark is { Key: "Repaired", Value: "keep-alive/1" });
    }

    [Fact]
    public void The_native_library_needs_no_newer_libstdcxx_than_Debian_12_has()
    {
        // The flags of the needed version are 2, weak; the entry is (hash, flags, other, name, next), and the hash is
        // that of the System V ABI.
        var library = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "libLibTorchSharp.so"));
        var entry = library.AsSpan().IndexOf(BitConverter.GetBytes(ElfHash("GLIBCXX_3.4.32")));

        Assert.True(entry < 0 || (library[entry + 4] & 2) == 2);
    }

    [Fact]
    public void Training_beside_threads_that_make_garbage_changes_no_bit() => Assert.Equal(0, WrongSteps(runs: 1));

    [Fact]
    [Trait("Category", "Drill")]
    public void Twenty_thousand_steps_beside_threads_that_make_garbage_change_no_bit() =>
        Assert.Equal(0, WrongSteps(runs: 20_000 / StepsOfARun));

    private static int WrongSteps(int runs)
    {
        set_num_threads(1);
        var quiet = Losses();
        using var stop = new CancellationTokenSource();
        var makers = Enumerable.Range(0, GarbageMakers)
            .Select(_ => Task.Factory.StartNew(() => MakeGarbage(stop.Token), TaskCreationOptions.LongRunning))
            .ToArray();
        var wrong = 0;
        for (var run = 0; run < runs; run++)
            wrong += Losses().Zip(quiet).Count(pair => pair.First != pair.Second);
        stop.Cancel();
        Task.WaitAll(makers);
        return wrong;
    }

    // As its users write it: numbers beside tensors, the library's own optimizer.
    private static float[] Losses()
    {
        using var all = NewDisposeScope();
        using var generator = new Generator(7);
        var (convolution, norm, head) = (nn.Conv2d(4, 16, 3, padding: 1), nn.GroupNorm(4, 16), nn.Linear(16, 4));
        nn.Module[] layers = [convolution, norm, head];
        Parameter[] weights = [.. layers.SelectMany(layer => layer.parameters())];
        using (no_grad())
            foreach (var weight in weights)
                weight.uniform_(-0.3, 0.3, generator);
        using var optimizer = optim.AdamW(weights, 1e-3, weight_decay: 0.01);
        var (images, targets) = (
            randn([4, 4, 8, 8], generator: generator), randn([4, 4], generator: generator));
        var losses = new float[StepsOfARun];
        for (var step = 0; step < StepsOfARun; step++)
        {
            using var scope = NewDisposeScope();
            optimizer.zero_grad();
            var hidden = nn.functional.silu(norm.call(convolution.call(images * 0.5f + 0.1f))) * 2f;
            var loss = ((head.call(hidden.mean([2L, 3L])) - targets) * 3f).square().mean() / 9f;
            loss.backward();
            optimizer.step();
            losses[step] = loss.item<float>();
        }

        return losses;
    }

    private static void MakeGarbage(CancellationToken stop)
    {
        var numbers = Enumerable.Range(0, 2_000).ToDictionary(number => $"key {number}", number => number * 0.1);
        while (!stop.IsCancellationRequested)
            JsonSerializer.Deserialize<Dictionary<string, double>>(JsonSerializer.Serialize(numbers));
    }

    private static uint ElfHash(string name)
    {
        var hash = 0u;
        foreach (var letter in name)
        {
            hash = (hash << 4) + letter;
            hash = (hash ^ ((hash & 0xF000_0000) >> 24)) & 0x0FFF_FFFF;
        }

        return hash;
    }
}
