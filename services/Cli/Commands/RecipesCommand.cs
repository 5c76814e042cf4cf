using System.CommandLine;
using Mlops.Orchestrator.Api;
using Mlops.Orchestrator.Recipes;
using Spectre.Console;

namespace Mlops.Cli.Commands;

/// <summary><c>mlops recipes</c>: what can be run by name.</summary>
public static class RecipesCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var command = new Command("recipes", "List the recipes that can be run by name");
        command.SetAction((parsed, cancellationToken) => Boundary.GuardAsync(parsed, terminal =>
        {
            var recipes = RecipeResponse.From(new RecipeBook());
            terminal.Show(recipes, () => Write(recipes, terminal.Out));
            return Task.FromResult(ExitCodes.Success);
        }, cancellationToken));
        return command;
    }

    private static void Write(IReadOnlyList<RecipeResponse> recipes, IAnsiConsole console)
    {
        var table = new Table().Border(TableBorder.None)
            .AddColumn("recipe").AddColumn("jobs").AddColumn("what it does");
        foreach (var recipe in recipes)
            table.AddRow(
                Markup.Escape(recipe.Name), Markup.Escape(string.Join(" → ", recipe.Jobs)),
                Markup.Escape(recipe.Description));
        console.Write(table);
    }
}
