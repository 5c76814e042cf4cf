using Mlops.Tests.Support;
using Mlops.Verify;

namespace Mlops.Tests.Diffusion.Schedulers;

public sealed class GoldenSchedulerTests
{
    public static TheoryData<string> Folders(string kind)
    {
        var folders = new TheoryData<string>();
        if (Reference.Exists)
            foreach (var folder in Directory.GetDirectories(Reference.Path($"goldens/{kind}")).Order())
                if (File.Exists(Path.Combine(folder, "scheduler_config.json")))
                    folders.Add($"{kind}/{Path.GetFileName(folder)}");
        if (folders.Count == 0)
            folders.Add("none");
        return folders;
    }

    [ReferenceTheory]
    [MemberData(nameof(Folders), "schedulers")]
    public void Tables_grid_steps_and_free_run_match_the_reference(string folder) => AssertMatches(folder);

    [ReferenceTheory]
    [MemberData(nameof(Folders), "trajectories")]
    public void Steps_of_recorded_sampling_runs_match_the_reference(string folder) => AssertMatches(folder);

    private static void AssertMatches(string folder)
    {
        var results = SchedulerCheck.Run(Reference.Path($"goldens/{folder}"));

        Assert.True(results.Count >= 3);
        Assert.All(results, result => Assert.True(result.Passed, $"{folder}: {result}"));
    }
}
