namespace Mlops.Verify;

/// <summary>A whole sampling run: every step on its own, then
/// network and sampler together from the start state.</summary>
internal sealed class TrajectoryCaseCheck : IFixtureCheck
{
    public bool Handles(FixtureCase fixture) => fixture.Has("scheduler") && fixture.Has("model");

    public string? NotBuilt(FixtureCase fixture) => FixtureCase.NotBuilt(fixture.ModelFolder())
        ?? (HasScheduler(fixture) ? SchedulerCaseCheck.NotBuilt(fixture.Text("scheduler"))
            : fixture.Text("scheduler").Contains("Heun", StringComparison.Ordinal) ? null
            : $"the sampler \"{fixture.Text("scheduler")}\" is not built");

    public IReadOnlyList<CheckResult> Run(FixtureCase fixture, CancellationToken cancellationToken) =>
    [
        .. HasScheduler(fixture) ? SchedulerCheck.Run(fixture.Folder) : [],
        .. TrajectoryCheck.Run(fixture.Folder, Path.GetDirectoryName(fixture.ModelFolder())!),
    ];

    // Runs by Heun's method use no scheduler class.
    private static bool HasScheduler(FixtureCase fixture) =>
        !fixture.Text("scheduler").StartsWith("none", StringComparison.Ordinal);
}
