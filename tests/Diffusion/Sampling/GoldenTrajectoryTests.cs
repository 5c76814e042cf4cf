using Mlops.Tests.Support;
using Mlops.Verify;

namespace Mlops.Tests.Diffusion.Sampling;

public sealed class GoldenTrajectoryTests
{
    public static TheoryData<string> Runs()
    {
        string[] families = ["unet2d-", "dit-", "sit-"];
        var runs = new TheoryData<string>();
        if (Reference.Exists)
            foreach (var folder in Directory.GetDirectories(Reference.Path("goldens/trajectories")).Order())
                if (families.Any(family => Path.GetFileName(folder).StartsWith(family, StringComparison.Ordinal)))
                    runs.Add(Path.GetFileName(folder));
        if (runs.Count == 0)
            runs.Add("none");
        return runs;
    }

    [ReferenceTheory]
    [MemberData(nameof(Runs))]
    public void Whole_sampling_runs_match_the_reference(string run)
    {
        var results = TrajectoryCheck.Run(
            Reference.Path($"goldens/trajectories/{run}"), Reference.Path("goldens/models"));

        Assert.NotEmpty(results);
        Assert.All(results, result => Assert.True(result.Passed, $"{run}: {result}"));
    }
}
