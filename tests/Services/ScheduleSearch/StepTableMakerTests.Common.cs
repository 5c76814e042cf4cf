using Mlops.Pruning.Plans;
using Mlops.Pruning.Steps;

namespace Mlops.Tests.Services.ScheduleSearch;

public sealed partial class StepTableMakerTests
{
    [Theory]
    [InlineData("\"total-macs\": 0.5", "\"total-macs\": 0.67", 1)]
    [InlineData("\"total-macs\": 0.5", "\"total-macs\": 0.5, \"aim\": \"fine\"", 1)]
    [InlineData("\"check-probes\": 2", "\"check-probes\": 3", 1)]
    [InlineData("\"signs\": 1", "\"signs\": 2", 2)]
    [InlineData("\"steps\": 6", "\"steps\": 7", 2)]
    [InlineData("\"signs\": 1", "\"signs\": 1, \"between\": \"layers\"", 2)]
    public async Task Tables_that_differ_only_in_the_choice_share_one_measurement_of_gaps(
        string option, string other, int measurements)
    {
        var model = await _jobs.ModelAsync(16);
        var settings = Settings.Replace(option, other, StringComparison.Ordinal);
        await SearchAsync("first", model, Settings);
        var alone = await SearchAsync("second", model, settings);
        var stored = _jobs.Names("checkpoints").ToHashSet();
        Assert.Equal(2 + measurements, stored.Count);

        foreach (var gaps in stored.Where(name => !name.EndsWith("first", StringComparison.Ordinal)))
            _jobs.Forget(gaps);
        var anew = await SearchAsync("second", model, settings);

        Assert.Equal(PlanFile.Load(alone).Steps, PlanFile.Load(anew).Steps);
        Assert.Equal(
            await File.ReadAllTextAsync(Path.Combine(alone, StepSearchFile.FileName)),
            await File.ReadAllTextAsync(Path.Combine(anew, StepSearchFile.FileName)));
    }
}
