using Mlops.Diffusion.Schedulers;

namespace Mlops.Verify;

/// <summary>A scheduler on the closed-form denoiser.</summary>
internal sealed class SchedulerCaseCheck : IFixtureCheck
{
    public bool Handles(FixtureCase fixture) => fixture.Has("class") && fixture.Has("steps");

    public string? NotBuilt(FixtureCase fixture) => NotBuilt(fixture.Text("class"));

    public IReadOnlyList<CheckResult> Run(FixtureCase fixture, CancellationToken cancellationToken) =>
        SchedulerCheck.Run(fixture.Folder);

    /// <summary>Why a scheduler class cannot be run; null if it can.</summary>
    public static string? NotBuilt(string className) =>
        NoiseSchedulers.Names.Contains(className) ? null : $"{className} is not built";
}
