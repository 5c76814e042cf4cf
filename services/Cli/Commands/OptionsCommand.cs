using System.CommandLine;
using Mlops.Cli.Hosting;
using Mlops.Contracts;
using Mlops.Contracts.Recipes;
using Mlops.Orchestrator.Recipes;
using Mlops.Platform.Jobs;

namespace Mlops.Cli.Commands;

/// <summary>The settings of a job of a recipe.</summary>
/// <param name="Options">With the recipe's own value as default where it sets one.</param>
public sealed record JobSettings(string JobId, string Kind, IReadOnlyList<OptionDescription> Options);

/// <summary><c>mlops options RECIPE</c>: every setting that a run of it takes.</summary>
public static class OptionsCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var recipe = new Argument<string>("recipe")
        {
            Description = "A recipe's name (see: mlops recipes) or a YAML file",
        };
        recipe.CompletionSources.Add(_ => CompletionCommand.Recipes);
        var command = new Command("options", "List every setting of a recipe's jobs, for --set job.option=value")
        {
            recipe,
        };
        command.SetAction((parsed, cancellationToken) => Boundary.GuardAsync(parsed, terminal =>
        {
            var found = new RecipeBook().Find(RunRequest.Text(parsed.GetRequiredValue(recipe)));
            var jobs = found.Jobs.Select(Describe).ToList();
            terminal.Show(jobs, () => jobs.ForEach(job => Write(job, terminal.Text)));
            return Task.FromResult(ExitCodes.Success);
        }, cancellationToken));
        return command;
    }

    private static JobSettings Describe(RecipeJob job) => new(
        job.Id, JobKinds.NameOf(job.Job),
        [
            .. OptionDescriptions.Of(EmbeddedHost.JobOptions[job.Job]).Select(
                option => job.With.TryGetValue(option.Name, out var given)
                    ? option with { Default = given.GetRawText() }
                    : option),
        ]);

    private static void Write(JobSettings job, TextWriter output)
    {
        output.WriteLine($"{job.JobId}: {job.Kind}");
        foreach (var option in job.Options)
        {
            var allowed = option.Allowed == "" ? "" : $", {option.Allowed}";
            output.WriteLine($"  {job.JobId}.{option.Name}={option.Default.Trim('"')}   ({option.Type}{allowed})");
            output.WriteLine($"      {option.Meaning}");
        }

        output.WriteLine();
    }
}
