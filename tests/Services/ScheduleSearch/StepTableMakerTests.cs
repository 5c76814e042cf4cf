using Mlops.Contracts;
using Mlops.Evaluation;
using Mlops.Contracts.Evaluations;
using Mlops.Platform.Jobs;
using Mlops.Pruning.Plans;
using Mlops.Pruning.Steps;
using Mlops.ScheduleSearch;
using Mlops.SparseExport;

namespace Mlops.Tests.Services.ScheduleSearch;

/// <summary>The three services that a step table goes through.</summary>
public sealed partial class StepTableMakerTests : IDisposable
{
    private const string Settings = """
        {"method": "solver", "total-macs": 0.5, "steps": 6, "probes": 2, "signs": 1, "check-probes": 2}
        """;

    private const string Clipped = """
        {"method": "solver", "total-macs": 0.5, "steps": 6, "probes": 2, "signs": 1, "check-probes": 2,
         "use-clipped-model-output": true}
        """;

    private const string Evaluation = """
        {"images": 4, "batch": 4, "loss-images": 4, "timing-rounds": 1, "timing-batch": 1, "pairs": 2}
        """;

    private readonly SomeJobs _jobs = new();
    private readonly ComputeSlot _compute = new();

    public void Dispose()
    {
        _compute.Dispose();
        _jobs.Dispose();
    }

    [Theory]
    [InlineData("solver", 6)]
    [InlineData("threshold", 6)]
    [InlineData("random-reuse", 6)]
    [InlineData("uniform-forecast\", \"order\": 2, \"aim\": \"sampler", 6)]
    [InlineData("fewer-steps", 3)]
    [InlineData("fewer-steps\", \"use-clipped-model-output\": true, \"grid\": \"tors", 3)]
    [InlineData("threshold\", \"use-clipped-model-output\": true, \"timesteps\": [999,800,500,9,4,1], "
        + "\"sampler\": \"ddim", 6)]
    [InlineData("solver\", \"use-clipped-model-output\": true, \"grid\": \"leading", 6)]
    public async Task A_table_is_searched_exported_and_evaluated_by_its_own_sampler_and_steps(string method, int steps)
    {
        var model = await _jobs.ModelAsync(16);
        var table = await SearchAsync("whole", model, Settings.Replace("solver", method));
        var pruned = await ExportAsync(model, table);

        var report = await EvaluateAsync(model, pruned, Evaluation);

        var written = PlanFile.Load(table).Steps!;
        Assert.Equal(written, PrunedModel.StepsIn(pruned));
        Assert.Equal(("ddim", steps, 6), (written.Sampler, written.Steps, written.DenseSteps));
        Assert.InRange(written.Runs, 2, 3);
        Assert.Equal((6, written.Runs), (report["calls"].Dense, report["calls"].Pruned));
        Assert.Equal(written.Runs / 6.0, report["total_macs"].Ratio!.Value, 1e-9);
        Assert.Equal(1, report["macs"].Ratio!.Value, 1e-9);
        Assert.True(report["latent_mse"].Pruned > 0);
        Assert.Contains("ddim6", report["ssim"].Protocol, StringComparison.Ordinal);
        Assert.Equal(steps, report.Schedule.Steps!.Count);
        var found = StepSearchFile.Load(table);
        Assert.Equal(written.Runs, found.Runs);
        Assert.InRange(found.Measured, 0, found.Candidates.Values.Max());
    }

    [Theory]
    [InlineData("fewer-steps\", \"table-sampler\": \"dpm-solver")]
    [InlineData("solver-search")]
    public async Task A_table_for_another_sampler_stands_for_the_dense_run_that_was_asked_for(string method)
    {
        var model = await _jobs.ModelAsync(16);
        var table = await SearchAsync("other", model, Clipped.Replace("solver", method, StringComparison.Ordinal));

        var report = await EvaluateAsync(model, await ExportAsync(model, table), Evaluation);

        var steps = PlanFile.Load(table).Steps!;
        var found = StepSearchFile.Load(table);
        Assert.Equal(("ddim", 6, 3), (steps.DenseSampler ?? steps.Sampler, steps.DenseSteps, steps.Runs));
        Assert.Contains("ddim6", report["ssim"].Protocol, StringComparison.Ordinal);
        Assert.Equal((6, 3), (report["calls"].Dense, report["calls"].Pruned));
        if (method != "solver-search")
        {
            Assert.Equal("dpm-solver", steps.Sampler);
            return;
        }

        // Two samplers, two grids, and 3, 4 or 6 steps; two of them searched and fitted as well.
        Assert.Equal(16, found.Solvers!.Count);
        Assert.Equal(found.Chosen, found.Solvers[0].Name);
    }

    [Theory]
    [InlineData("solver")]
    [InlineData("solver-search")]
    public async Task A_search_that_is_killed_goes_on_and_ends_as_if_it_had_not_been(string method)
    {
        var model = await _jobs.ModelAsync(16);
        var settings = Clipped.Replace("solver", method, StringComparison.Ordinal);
        var whole = await SearchAsync("whole", model, settings);
        using var kill = new CancellationTokenSource();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => SearchAsync(
            "killed", model, settings, progress =>
            {
                if (progress.Fraction > 0.3)
                    kill.Cancel();
            }, kill.Token));
        var fractions = new List<double>();
        var resumed = await SearchAsync("killed", model, settings, progress => fractions.Add(progress.Fraction));

        foreach (var file in (string[])[PruningPlan.FileName, StepSearchFile.FileName])
            Assert.Equal(
                await File.ReadAllTextAsync(Path.Combine(whole, file)),
                await File.ReadAllTextAsync(Path.Combine(resumed, file)));
        Assert.All(fractions.Skip(1), fraction => Assert.True(fraction > 0.3));
    }

    [Theory]
    [InlineData("{\"steps\": 5}", "ddim with 5 steps")]
    [InlineData("{\"sampler\": \"euler\"}", "euler with 6 steps")]
    [InlineData("{\"guidance\": 2}", "guidance 2")]
    public async Task An_evaluation_of_another_kind_is_refused(string settings, string asked)
    {
        var model = await _jobs.ModelAsync(16);
        var pruned = await ExportAsync(
            model, await SearchAsync("even", model, Settings.Replace("solver", "uniform-reuse")));

        var refusal = await Assert.ThrowsAsync<InvalidDataException>(() => EvaluateAsync(model, pruned, settings));

        Assert.Contains("but the run asks for ", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(asked, refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"total-macs\": 0.2", "total-macs 0.2 of 6 steps leaves 1 evaluations")]
    [InlineData("\"total-macs\": 1.5", "option 'total-macs' is 1.5; it must be above 0 and at most 1")]
    [InlineData("\"order\": 2", "option 'order' is 2, but only the method uniform-forecast has one; drop it")]
    [InlineData("\"outer\": 2", "option 'outer' is 2, but only an inner part has one; drop it, or take the method ")]
    [InlineData("\"between\": \"all\"", "option 'between' is 'all'; it must be one of output, layers, inner")]
    [InlineData("\"grid\": \"even\"", "option 'grid' is 'even'; it must be one of trailing, leading, linspace")]
    [InlineData("\"table-sampler\": \"heun\"", "option 'table-sampler' is heun: it must be one of auto, ddim")]
    [InlineData("\"timesteps\": [900, 950, 5, 4, 3, 2]", "option 'timesteps' has timestep 950 after 900, but")]
    [InlineData("\"timesteps\": [900]", "option 'timesteps' has 1 timesteps, but a grid has at least 2")]
    [InlineData("\"timesteps\": [900, 4]", "option 'timesteps' has 2 timesteps for 6 steps")]
    [InlineData("\"timesteps\": [900, 4], \"grid\": \"tors\"", "options 'grid' and 'timesteps' both say where")]
    [InlineData("\"aim\": \"moon\"", "option 'aim' is \"moon\"; it must be one of sampler, fine")]
    public async Task A_budget_or_aim_that_cannot_be_is_refused_before_the_work(string option, string complaint)
    {
        var model = await _jobs.ModelAsync(16);

        var refusal = await Assert.ThrowsAnyAsync<ArgumentException>(
            () => SearchAsync("bad", model, Settings.Replace("\"total-macs\": 0.5", option)));

        Assert.StartsWith(complaint, refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"grid\": \"tors\"", "puts ddim on timesteps of its own, where it must take the noise from the")]
    [InlineData("\"sampler\": \"euler\", \"timesteps\": [1000, 5, 4, 3, 2, 1]", "fall strictly and lie in [0, 999]")]
    public async Task Timesteps_that_the_sampler_cannot_take_are_refused(string option, string complaint)
    {
        var model = await _jobs.ModelAsync(16);

        var refusal = await Assert.ThrowsAnyAsync<Exception>(
            () => SearchAsync("bad", model, Settings.Replace("{", $"{{{option}, ", StringComparison.Ordinal)));

        Assert.Contains(complaint, refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("solver", 20, "dpm-solver with 20 steps visits timestep 998 after 998")]
    [InlineData("solver\", \"grid\": \"tors", 20, "dpm-solver with 20 steps visits timestep 998 after 998")]
    [InlineData("fewer-steps", 40, "dpm-solver with 20 steps visits timestep 998 after 998")]
    [InlineData("solver-search", 20, "dpm-solver with 10 steps visits timestep 998 after 998")]
    [InlineData("uniform-reuse\", \"sampler\": \"euler", 200, "euler with 200 steps visits timestep 998.99")]
    public async Task A_sampler_that_revisits_timesteps_is_refused_before_anything_is_measured(
        string method, int steps, string complaint)
    {
        var model = await _jobs.ModelAsync(16, """
            {"_class_name": "DPMSolverMultistepScheduler", "beta_schedule": "squaredcos_cap_v2",
             "use_karras_sigmas": true}
            """);
        var settings = Clipped.Replace("solver", method, StringComparison.Ordinal)
            .Replace("\"steps\": 6", $"\"steps\": {steps}", StringComparison.Ordinal);
        var fractions = new List<double>();

        var refusal = await Assert.ThrowsAsync<InvalidDataException>(() => SearchAsync(
            "bad", model, settings.Contains("\"sampler\"", StringComparison.Ordinal) ? settings
                : settings.Replace("{", "{\"sampler\": \"dpm-solver\", ", StringComparison.Ordinal),
            progress => fractions.Add(progress.Fraction)));

        Assert.StartsWith(complaint, refusal.Message, StringComparison.Ordinal);
        Assert.All(fractions, fraction => Assert.Equal(0, fraction));
    }

    [Theory]
    [InlineData("joint")]
    [InlineData("solver-search")]
    public async Task A_grid_where_there_is_no_single_table_is_refused(string method)
    {
        var settings = Clipped.Replace("solver\"", $"{method}\", \"grid\": \"tors\"", StringComparison.Ordinal);

        var refusal = await Assert.ThrowsAnyAsync<ArgumentException>(
            async () => await SearchAsync("bad", await _jobs.ModelAsync(16), settings));

        Assert.StartsWith(
            "options 'grid', 'timesteps' and 'table-sampler' are for one step table; the method ", refusal.Message,
            StringComparison.Ordinal);
    }

    private async Task<string> SearchAsync(
        string key, ObjectRef model, string settings, Action<JobProgress>? report = null,
        CancellationToken cancellationToken = default, ObjectRef? schedule = null, ObjectRef? student = null)
    {
        var output = _jobs.Output($"table-{Guid.NewGuid():n}");
        var inputs = new Dictionary<string, ObjectRef> { ["model"] = model };
        if (schedule is not null)
            inputs["schedule"] = schedule;
        if (student is not null)
            inputs["student"] = student;
        await new ScheduleSearcher((_, _) => throw new InvalidOperationException("no candidates here"), _compute)
            .WriteAsync(
                _jobs.Context(settings, inputs, key, report), output, cancellationToken);
        return output;
    }

    private Task<ObjectRef> ScheduleAsync(PruningPlan plan)
    {
        var folder = _jobs.Output("plan");
        PlanFile.Save(plan, folder);
        return _jobs.Artifacts.ImportAsync(folder, "schedule", CancellationToken.None);
    }

    private async Task<string> ExportAsync(ObjectRef model, string table, string format = "auto")
    {
        var output = _jobs.Output("pruned");
        var schedule = await _jobs.Artifacts.ImportAsync(table, "schedule", CancellationToken.None);
        await new SparseExporter().WriteAsync(
            _jobs.Context(
                $$"""{"format": "{{format}}"}""", new() { ["model"] = model, ["schedule"] = schedule }, "export"),
            output, CancellationToken.None);
        return output;
    }

    private async Task<EvaluationReport> EvaluateAsync(ObjectRef model, string pruned, string settings)
    {
        var output = _jobs.Output("evaluation");
        var artifact = await _jobs.Artifacts.ImportAsync(pruned, "pruned", CancellationToken.None);
        await new Evaluator().WriteAsync(
            _jobs.Context(settings, new() { ["model"] = model, ["pruned"] = artifact }, "evaluation"), output,
            CancellationToken.None);
        return EvaluationReport.Load(output);
    }
}
