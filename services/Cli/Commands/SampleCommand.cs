using System.CommandLine;
using System.Globalization;
using Mlops.Cli.Sampling;
using Mlops.Diffusion.Sampling;

namespace Mlops.Cli.Commands;

/// <summary><c>mlops sample MODEL</c>: pictures drawn by a dense or a pruned model.</summary>
public static class SampleCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var model = new Argument<string>("model") { Description = "A model folder: dense, or one that a run left" };
        var count = new Option<int>("--count") { Description = "Pictures", DefaultValueFactory = _ => 16 };
        var classes = new Option<string?>("--classes")
        {
            Description = "Class numbers, taken in turn, e.g. 0,3,7 (default: all classes in turn)",
        };
        var steps = new Option<int?>("--steps") { Description = "Sampler steps (default: the step table's, or 20)" };
        var sampler = new Option<string>("--sampler")
        {
            Description = $"{string.Join(", ", SamplerNames.Known)} (auto: the step table's, or the one that fits)",
            DefaultValueFactory = _ => SamplerNames.Auto,
        };
        sampler.CompletionSources.Add([.. SamplerNames.Known]);
        var guidance = new Option<double?>("--guidance")
        {
            Description = "Scale of classifier-free guidance, 1 for none (default: the step table's, or 1)",
        };
        var seed = new Option<long>("--seed") { Description = "Every noise derives from it" };
        var against = new Option<string?>("--against")
        {
            Description = "Another model that draws from the same noise: its pictures above, these below",
        };
        var output = new Option<FileInfo>("--out")
        {
            Description = "The picture (default: grid.png)", DefaultValueFactory = _ => new("grid.png"),
        };
        var command = new Command("sample", "Draw pictures with a model")
        {
            model, count, classes, steps, sampler, guidance, seed, against, output,
        };
        command.SetAction((parsed, cancellationToken) => Boundary.GuardAsync(parsed, terminal =>
        {
            var request = new SampleRequest(
                parsed.GetRequiredValue(model), parsed.GetValue(against), parsed.GetValue(count),
                Classes(parsed.GetValue(classes)), parsed.GetValue(steps), parsed.GetRequiredValue(sampler),
                parsed.GetValue(guidance), parsed.GetValue(seed));
            var file = parsed.GetRequiredValue(output);
            var drawn = PictureSampler.Write(request, file, terminal.Error.WriteLine, cancellationToken);
            terminal.Show(new { Drawn = drawn, Picture = file.FullName }, () =>
            {
                terminal.Text.WriteLine(drawn);
                terminal.Text.WriteLine(file.FullName);
            });
            return Task.FromResult(ExitCodes.Success);
        }, cancellationToken));
        return command;
    }

    private static long[]? Classes(string? text) => text is null ? null
        : [.. text.Split(',').Select(part => long.TryParse(
            part, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new ArgumentException($"--classes '{text}' is no list of class numbers; write 0,3,7"))];
}
