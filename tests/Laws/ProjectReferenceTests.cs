using System.Xml.Linq;
using Mlops.Tests.Support;

namespace Mlops.Tests.Laws;

/// <summary>Dependencies point one way: a project may refer to the ones listed here and to nothing else.</summary>
public sealed class ProjectReferenceTests
{
    private static readonly string[] Maths = ["Diffusion", "Pruning"];

    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Contracts"] = [],
        ["Platform"] = ["Contracts"],
        ["Diffusion"] = [],
        ["Pruning"] = ["Diffusion"],
        ["Orchestrator"] = ["Contracts", "Platform"],
        ["ImportanceScoring"] = ["Contracts", "Platform", .. Maths],
        ["ScheduleSearch"] = ["Contracts", "Platform", .. Maths],
        ["CoFinetuning"] = ["Contracts", "Platform", .. Maths],
        ["SparseExport"] = ["Contracts", "Platform", .. Maths],
        ["Evaluation"] = ["Contracts", "Platform", .. Maths],
        ["Cli"] =
        [
            "Contracts", "Platform", .. Maths, "Orchestrator", "ImportanceScoring", "ScheduleSearch", "CoFinetuning",
            "SparseExport", "Evaluation",
        ],
    };

    /// <summary>Packages of the layers that must know nothing of bus, store and telemetry.</summary>
    private static readonly Dictionary<string, string[]> Packages = new()
    {
        ["Contracts"] = [],
        ["Diffusion"] =
        [
            "TorchSharp", "libtorch-cpu-linux-x64", "TorchSharp-cuda-linux", "SkiaSharp",
            "SkiaSharp.NativeAssets.Linux.NoDependencies", "MathNet.Numerics",
        ],
        ["Pruning"] = [],
    };

    public static TheoryData<string> Projects => [.. Allowed.Keys];

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_refers_only_to_what_its_layer_allows(string project)
    {
        var referenced = References(project, "ProjectReference").Select(path => Path.GetFileNameWithoutExtension(path));

        Assert.Empty(referenced.Except(Allowed[project]));
    }

    [Fact]
    public void Contracts_and_maths_take_only_the_packages_of_their_trade() => Assert.All(
        Packages, layer => Assert.Empty(References(layer.Key, "PackageReference").Except(layer.Value)));

    [Fact]
    public void Every_project_of_the_tree_is_under_the_law()
    {
        var projects = Repository.Sources(".csproj", "shared", "services")
            .Select(file => Path.GetFileNameWithoutExtension(file));

        Assert.Equal(Allowed.Keys.Order(), projects.Order());
    }

    private static List<string> References(string project, string element)
    {
        var file = Repository.Sources(".csproj", "shared", "services")
            .Single(path => Path.GetFileNameWithoutExtension(path) == project);
        return [.. XDocument.Load(file).Descendants(element).Select(node => (string?)node.Attribute("Include") ?? "")];
    }
}
