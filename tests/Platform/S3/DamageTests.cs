using Mlops.Contracts;
using Mlops.Platform.Objects.S3;

namespace Mlops.Tests.Platform.S3;

/// <summary>A changed byte is found before anyone uses it, wherever it is and however it came there.</summary>
[Trait("Category", "EndToEnd")]
public sealed class DamageTests : IAsyncLifetime
{
    private const int Small = 40_000;
    private const int Range = 16 << 20;
    private const int Large = (32 << 20) + 5;

    private readonly RealStore _real = new();
    private S3ObjectStore? _store;

    public async Task InitializeAsync()
    {
        await _real.InitializeAsync();
        _store = _real.Open();
    }

    [Fact]
    public async Task A_flipped_bit_is_found_at_every_place_of_a_small_object()
    {
        var bytes = Bytes(Small);
        var reference = await _store!.PutAsync(new MemoryStream(bytes), default);

        for (var place = 0; place < Small; place += 997)
            await IsFoundAsync(reference, Flipped(bytes, place));
        await IsFoundAsync(reference, Flipped(bytes, Small - 1));
    }

    [Fact]
    public async Task A_truncated_extended_or_swapped_object_is_found()
    {
        var bytes = Bytes(Small);
        var reference = await _store!.PutAsync(new MemoryStream(bytes), default);

        await IsFoundAsync(reference, bytes[..^1]);
        await IsFoundAsync(reference, []);
        await IsFoundAsync(reference, [.. bytes, 0]);
        await IsFoundAsync(reference, Bytes(Small, seed: 2));
    }

    [Fact]
    public async Task Damage_of_a_large_object_is_found_in_every_range_and_repaired_by_putting_it_again()
    {
        var bytes = Bytes(Large);
        var reference = await _store!.PutAsync(new MemoryStream(bytes), default);

        foreach (var place in (int[])[0, Range - 1, Range, (2 * Range) + 1, Large - 1])
            await IsFoundAsync(reference, Flipped(bytes, place));
        await IsFoundAsync(reference, bytes[..Range]);
        await IsFoundAsync(reference, [.. bytes, 0]);
        await IsFoundAsync(reference, Flipped(bytes, 7));
        await _store.PutAsync(new MemoryStream(bytes), default);

        await _store.FetchAsync(reference, _real.Folder.File("fixed"), default);
        Assert.Empty(await _real.UnfinishedAsync());
    }

    [Fact]
    public async Task A_bit_that_the_wire_flips_once_costs_a_second_transfer_and_nothing_else()
    {
        var bytes = Bytes(Large);
        var reference = await _store!.PutAsync(new MemoryStream(bytes), default);
        await using var wire = new Wire(_real.Options.Endpoint, flips: 1);
        using var through = _real.Open(_real.Options with { Endpoint = wire.Address });

        await through.FetchAsync(reference, _real.Folder.File("copy"), default);

        var copy = await File.ReadAllBytesAsync(_real.Folder.File("copy"));
        Assert.True(bytes.SequenceEqual(copy));
    }

    [Fact]
    public async Task A_wire_that_flips_bits_all_the_time_never_delivers_a_file()
    {
        var reference = await _store!.PutAsync(new MemoryStream(Bytes(Large)), default);
        await using var wire = new Wire(_real.Options.Endpoint, flips: int.MaxValue);
        using var through = _real.Open(_real.Options with { Endpoint = wire.Address });

        await Assert.ThrowsAsync<InvalidDataException>(
            () => through.FetchAsync(reference, _real.Folder.File("copy"), default));
        await Assert.ThrowsAsync<InvalidDataException>(() => through.OpenAsync(reference, default));

        Assert.Empty(_real.Folder.Files);
    }

    public async Task DisposeAsync()
    {
        _store?.Dispose();
        await _real.DisposeAsync();
    }

    private async Task IsFoundAsync(ObjectRef reference, byte[] stored)
    {
        await _real.OverwriteAsync(reference, stored);

        await Assert.ThrowsAsync<InvalidDataException>(() => _store!.OpenAsync(reference, default));
        await Assert.ThrowsAsync<InvalidDataException>(
            () => _store!.FetchAsync(reference, _real.Folder.File("copy"), default));

        Assert.Empty(_real.Folder.Files);
    }

    private static byte[] Flipped(byte[] bytes, int place)
    {
        var flipped = bytes.ToArray();
        flipped[place] ^= 1;
        return flipped;
    }

    private static byte[] Bytes(int length, int seed = 1)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
