using Mlops.Cli.Hosting;
using Mlops.Contracts;
using Mlops.Platform.Jobs;

namespace Mlops.Tests.Cli;

/// <summary><c>mlops options</c>: made from the options records, so nothing can be missing or out of date.</summary>
public sealed class OptionsTests
{
    [Fact]
    public void Every_setting_of_every_job_says_what_it_means()
    {
        var options = EmbeddedHost.JobOptions.SelectMany(
            job => OptionDescriptions.Of(job.Value).Select(option => $"{job.Key}.{option.Name}: {option.Meaning}"));

        Assert.Equal(Enum.GetValues<JobKind>().Order(), EmbeddedHost.JobOptions.Keys.Order());
        Assert.DoesNotContain(options, option => option.EndsWith(": ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_settings_of_a_recipe_are_listed_with_what_the_recipe_sets()
    {
        var listed = await CommandLine.RunAsync("options", "laptop");
        var unknown = await CommandLine.RunAsync("options", "lapdog");

        Assert.Equal(("", 0), (listed.Errors, listed.ExitCode));
        Assert.Contains("  sliced.format=pruned   (one of auto, native, pruned, padded, onnx)", listed.Output);
        Assert.Contains("  evaluation.images=64   (a whole number, 2 to 1000000)", listed.Output);
        Assert.Contains("      Images sampled by each model from equal noise.", listed.Output);
        Assert.Equal(2, unknown.ExitCode);
        Assert.StartsWith("mlops: unknown recipe 'lapdog'", unknown.Errors);
    }
}
