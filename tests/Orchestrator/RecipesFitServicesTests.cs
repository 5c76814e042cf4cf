using Microsoft.Extensions.DependencyInjection;
using Mlops.CoFinetuning;
using Mlops.Contracts;
using Mlops.Contracts.Commands;
using Mlops.Evaluation;
using Mlops.ImportanceScoring;
using Mlops.Orchestrator.Recipes;
using Mlops.Platform.Jobs;
using Mlops.ScheduleSearch;
using Mlops.SparseExport;

namespace Mlops.Tests.Orchestrator;

public sealed class RecipesFitServicesTests
{
    private static readonly ObjectRef Data = new(new string('a', 64), 1);

    private readonly RunPlanner _planner = new(new RecipeBook(), new ServiceCollection()
        .AddImportanceScoring().AddScheduleSearch().AddCoFinetuning().AddSparseExport().AddEvaluation()
        .Where(service => service.ServiceType == typeof(JobOptionsCheck))
        .Select(service => (JobOptionsCheck)service.ImplementationInstance!));

    public static TheoryData<string> Names => [.. new RecipeBook().All.Select(recipe => recipe.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_option_of_a_named_recipe_is_one_that_its_service_takes(string name)
    {
        var run = _planner.Plan(Start(name, []), now: 0);

        Assert.NotEmpty(run.Jobs);
    }

    [Theory]
    [InlineData("magnitude", "scores.method", "tailor",
        "job 'scores': option 'method' is \"tailor\"; it must be one of")]
    [InlineData("alter", "tuned.step", "3",
        "job 'tuned': unknown option 'step' (did you mean 'steps'?); known options: mode, precision, steps")]
    [InlineData("alter", "tuned.steps", "0", "job 'tuned': option 'steps' is 0; it must be at least 1")]
    public void An_option_that_a_service_would_refuse_is_refused_before_the_run_starts(
        string recipe, string option, string value, string expected)
    {
        var thrown = Assert.Throws<ArgumentException>(
            () => _planner.Plan(Start(recipe, new() { [option] = value }), now: 0));

        Assert.StartsWith(expected, thrown.Message);
    }

    private static StartRun Start(string recipe, Dictionary<string, string> settings) =>
        new(Guid.NewGuid(), recipe, new Dictionary<string, ObjectRef> { ["data"] = Data }, settings);
}
