using System.CommandLine;
using Mlops.Cli.Hosting;
using Mlops.Contracts;
using Mlops.Contracts.Recipes;
using Mlops.Orchestrator.Recipes;
using Mlops.Platform.Jobs;

namespace Mlops.Cli.Commands;

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
        var command = new Command("options", "List every setting of a recipe's jobs, for --set job.option=value")
        {
            recipe,
        };
        command.SetAction((parsed, cancellationToken) => Boundary.GuardAsync(parsed, terminal =>
        {
            var found = new RecipeBook().Find(RunRequest.Text(parsed.GetRequiredValue(recipe)));
            foreach (var job in found.Jobs)
                Write(job, terminal.Text);
            return Task.FromResult(ExitCodes.Success);
        }, cancellationToken));
        return command;
    }

    private static void Write(RecipeJob job, TextWriter output)
    {
        output.WriteLine($"{job.Id}: {JobKinds.NameOf(job.Job)}");
        foreach (var option in OptionDescriptions.Of(EmbeddedHost.JobOptions[job.Job]))
        {
            var value = job.With.TryGetValue(option.Name, out var given) ? given.GetRawText() : option.Default;
            var allowed = option.Allowed == "" ? "" : $", {option.Allowed}";
            output.WriteLine($"  {job.Id}.{option.Name}={value.Trim('"')}   ({option.Type}{allowed})");
            output.WriteLine($"      {option.Meaning}");
        }

        output.WriteLine();
    }
}
