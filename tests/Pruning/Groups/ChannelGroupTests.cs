using System.Buffers.Binary;
using System.Text.Json;
using Mlops.Pruning.Groups;
using Mlops.Tests.Support;

namespace Mlops.Tests.Pruning.Groups;

public sealed class ChannelGroupTests
{
    private const string Golden = "goldens/taylor/taylor-unet";

    [ReferenceFact]
    public void Groups_are_the_librarys_in_its_order()
    {
        var network = HeaderShapes(Reference.Path($"{Golden}/diffusion_pytorch_model.safetensors"), 4);
        using var golden = JsonDocument.Parse(File.ReadAllText(Reference.Path($"{Golden}/groups.json")));

        var groups = GroupFinder.Find(UNetGraph.Trace(network), network);

        Assert.Equal(golden.RootElement.EnumerateArray().Select(Describe), groups.Select(Describe));
    }

    [Fact]
    public void The_channels_that_leave_are_the_lowest_of_each_norm_group()
    {
        var group = new ChannelGroup("a", 8, 2, 1, []);

        Assert.Equal(1, group.DuePerNormGroup(0.3));
        Assert.Equal([2L, 5L], group.Lowest([3, 2, 1, 9, 8, 0, 0, 7], 1));
    }

    [Fact]
    public void A_head_leaves_whole_by_the_sum_of_its_channels()
    {
        var group = new ChannelGroup("a", 6, 1, 2, []);

        Assert.Equal([2L, 3L], group.Lowest([0, 9, 3, 3, 5, 5], 1));
    }

    [Fact]
    public void A_weight_that_no_declaration_knows_is_refused_by_name()
    {
        var network = new NetworkShape(
            new Dictionary<string, IReadOnlyList<long>>
            {
                ["conv_in.weight"] = [8, 3, 3, 3],
                ["stranger.weight"] = [8],
            }, _ => 4, _ => 1);

        var refusal = Assert.Throws<InvalidDataException>(
            () => new ChannelGraph(network).Trace(new ChannelGraph(network).Conv("conv_in", null)));

        Assert.Contains("conv_in.weight", refusal.Message);
    }

    [Fact]
    public void Scale_and_shift_rows_of_the_time_projection_leave_together()
    {
        var network = new NetworkShape(
            new Dictionary<string, IReadOnlyList<long>>
            {
                ["conv1.weight"] = [4, 3, 3, 3],
                ["time.weight"] = [8, 5],
                ["norm.weight"] = [4],
                ["conv_out.weight"] = [3, 4, 3, 3],
            }, _ => 2, _ => 1);
        var graph = new ChannelGraph(network);
        var t = graph.Linear("time", null);
        var h = ChannelGraph.Mix(graph.Norm("norm", graph.Conv("conv1", null)), ChannelGraph.Slice(t, 0, 4));
        var output = graph.Conv("conv_out", ChannelGraph.Mix(h, ChannelGraph.Slice(t, 4, 4)));

        var group = Assert.Single(GroupFinder.Find(graph.Trace(output), network));

        var time = Assert.Single(group.Members, member => member.Module == "time");
        Assert.Equal(("conv1", 4), (group.Root, group.Width));
        Assert.Equal(Enumerable.Range(0, 8).Select(channel => (long)channel), time.Channels);
        Assert.Equal([0L, 1, 2, 3, 0, 1, 2, 3], time.RootChannels);
    }

    /// <summary>Shapes straight from the header: 8 bytes of length, then JSON.</summary>
    internal static NetworkShape HeaderShapes(string path, int normGroups)
    {
        var bytes = File.ReadAllBytes(path);
        var length = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes);
        using var header = JsonDocument.Parse(bytes.AsMemory(8, length));
        var shapes = header.RootElement.EnumerateObject().Where(entry => entry.Name != "__metadata__")
            .ToDictionary(entry => entry.Name, entry => Numbers(entry.Value.GetProperty("shape")));
        return new NetworkShape(shapes, _ => normGroups, _ => 1);
    }

    private static string Describe(ChannelGroup group) => Text(group.Root, group.Width, group.NormGroups,
        group.DuePerNormGroup(0.3), group.Members.Select(member => Text(member.Module, Snake(member.Kind),
            member.Channels, member.RootChannels)));

    private static string Describe(JsonElement group) => Text(Root(group), group.GetProperty("width").GetInt32(),
        group.GetProperty("norm_groups").GetInt32(), group.GetProperty("prune_per_norm_group").GetInt32(),
        group.GetProperty("members").EnumerateArray().Select(member =>
        {
            var range = Numbers(member.GetProperty("channels"));
            var count = Enumerable.Range(0, (int)(range[1] - range[0])).Select(channel => (long)channel).ToArray();
            var roots = member.TryGetProperty("root_channels", out var given) ? Numbers(given) : count;
            return Text(member.GetProperty("module").GetString()!, member.GetProperty("kind").GetString()!,
                count.Select(channel => channel + range[0]), roots);
        }));

    private static IReadOnlyList<long> Numbers(JsonElement array) =>
        [.. array.EnumerateArray().Select(number => number.GetInt64())];

    private static string Root(JsonElement group) => group.GetProperty("root").GetString()!;

    private static string Text(string root, int width, int norms, int due, IEnumerable<string> members) =>
        $"{root} {width}/{norms} -{due}: {string.Join("; ", members)}";

    private static string Text(string module, string kind, IEnumerable<long> channels, IEnumerable<long> roots) =>
        $"{module} {kind} {string.Join(',', channels)} <- {string.Join(',', roots)}";

    private static string Snake(MemberKind kind) => kind switch
    {
        MemberKind.ConvOut => "conv_out",
        MemberKind.ConvIn => "conv_in",
        MemberKind.LinearOut => "linear_out",
        MemberKind.LinearIn => "linear_in",
        MemberKind.GroupNorm => "groupnorm",
        _ => "embedding",
    };
}
