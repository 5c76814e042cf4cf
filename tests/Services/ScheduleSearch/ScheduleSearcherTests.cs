using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Mlops.Contracts;
using Mlops.Contracts.Commands;
using Mlops.Diffusion.Sampling;
using Mlops.Platform.Jobs;
using Mlops.Platform.Objects;
using Mlops.Pruning.Plans;
using Mlops.Pruning.Search;
using Mlops.ScheduleSearch;
using Mlops.ScheduleSearch.Probing;
using Mlops.Tests.Diffusion.Models;
using static TorchSharp.torch;

namespace Mlops.Tests.Services.ScheduleSearch;

public sealed class ScheduleSearcherTests : IDisposable
{
    private const string Settings = """
        {"macs": 0.8, "probes": 3, "screening": [2], "steps": 4, "generations": 3, "survivors": 2, "offspring": 3,
         "curve-levels": 2, "check-probes": 2}
        """;

    // What is asked before the first generation: the dense schedule and two levels of three stages.
    private const int Curves = 7;

    private readonly SomeJobs _jobs = new();
    private readonly ComputeSlot _compute = new();
    private readonly CandidateScoring _scoring;

    public ScheduleSearcherTests() => _scoring = Scoring(_jobs.Artifacts);

    private CandidateScoring Scoring(ArtifactStore artifacts) => new(
        artifacts, _jobs.Objects, _compute, new WorkerOptions { Device = "cpu" },
        NullLogger<CandidateScoring>.Instance);

    public void Dispose()
    {
        _scoring.Dispose();
        _compute.Dispose();
        _jobs.Dispose();
    }

    [Fact]
    public async Task Best_schedule_meets_the_macs_and_is_no_worse_than_where_the_search_started()
    {
        var output = _jobs.Output("schedule");

        await SearchAsync("whole", _scoring.ScoreAsync, output);

        var schedule = SearchedSchedule.Load(output);
        var plan = PlanFile.Load(output);
        Assert.InRange(schedule.Best.KeptRatio, 0.6, 0.8);
        Assert.Equal([1, 1, 2], schedule.StageSteps.Order());
        Assert.Equal(
            schedule.LevelBudget,
            schedule.Best.Levels.Select((level, stage) => level * schedule.StageSteps[stage]).Sum());
        Assert.True(schedule.Best.FreshFitness >= schedule.Uniform!.FreshFitness);
        Assert.True(schedule.Best.FreshFitness >= schedule.Separable!.FreshFitness);
        Assert.Equal(4, schedule.History.Count);
        Assert.Equal([2, 2, 2], schedule.Curves.Select(curve => curve.Levels.Count));
        Assert.All(schedule.Curves, curve => Assert.True(curve.Damages[1] > 0));
        Assert.Equal(StageLevels.Method, plan.Method);
        Assert.Equal("latent_mse/2 ddim4 n3 seed11", schedule.Protocol);
    }

    [Fact]
    public async Task Paper_profile_counts_layers_and_judges_every_candidate_on_all_probes()
    {
        var output = _jobs.Output("schedule");
        var counts = new ConcurrentBag<(int First, int Count)>();

        await SearchAsync(
            "paper",
            (candidate, token) =>
            {
                counts.Add((candidate.First, candidate.Count));
                return _scoring.ScoreAsync(candidate, token);
            },
            output, """{"profile": "paper", "macs": 0.8, "probes": 2, "steps": 4, "generations": 2, "offspring": 3}""");

        var schedule = SearchedSchedule.Load(output);
        var plan = PlanFile.Load(output);
        Assert.All(counts, asked => Assert.Equal((0, 2), asked));
        Assert.Equal(schedule.LevelBudget, schedule.Best.Levels.Sum());
        Assert.Equal(schedule.Best.Levels[0], plan.Variants[plan.VariantAt(0)].Skip.Count);
        Assert.Null(schedule.Separable);
        Assert.Null(schedule.Best.FreshFitness);
        // The dense samples, then every candidate once.
        Assert.Equal((2 + (2 * counts.Count)) * 4, schedule.NetworkEvaluations);
    }

    [Fact]
    public async Task Network_evaluations_are_those_that_the_candidates_took_with_both_halves_of_guidance()
    {
        var (output, samples) = (_jobs.Output("schedule"), 0);

        await SearchAsync(
            "guided",
            (candidate, token) =>
            {
                Interlocked.Add(ref samples, candidate.Count);
                return _scoring.ScoreAsync(candidate, token);
            },
            output, Settings.Replace("{", """{"guidance": 2, "trajectory": true, """, StringComparison.Ordinal),
            await _jobs.ImportAsync(SomeModels.Awake(SomeModels.DiT)));

        var schedule = SearchedSchedule.Load(output);
        Assert.Equal("latent_mse trajectory/2 ddim4 guidance2 n3 seed11", schedule.Protocol);
        Assert.Equal((3 + 2 + samples) * 4 * 2, schedule.NetworkEvaluations);
        Assert.All(schedule.Curves, curve => Assert.True(curve.Damages[^1] > 0));
    }

    /// <summary>The stages have three, two and one of six steps: 120 quanta in all.</summary>
    [Theory]
    [InlineData("uniform", 20, 20, 20)]
    [InlineData("front", 26, 17, 8)]
    [InlineData("back", 12, 24, 36)]
    [InlineData("ramp", 16, 22, 28)]
    public async Task One_schedule_alone_needs_no_search(string start, params int[] levels)
    {
        var output = _jobs.Output(start);

        await SearchAsync(start, _scoring.ScoreAsync, output, $$"""
            {"macs": 0.8, "quantum": 0.01, "probes": 2, "steps": 6, "start": "{{start}}", "curve-levels": 0,
             "generations": 0, "check-probes": 0}
            """);

        var schedule = SearchedSchedule.Load(output);
        Assert.Equal(levels, schedule.Best.Levels);
        Assert.Equal([3, 2, 1], schedule.StageSteps);
        Assert.Equal(start == "uniform", schedule.Uniform is not null);
        Assert.Equal((2 + 2) * 6, schedule.NetworkEvaluations);
    }

    [Fact]
    public async Task Search_killed_within_a_generation_goes_on_and_ends_as_if_it_had_not_been()
    {
        var (whole, resumed) = (_jobs.Output("whole"), _jobs.Output("resumed"));
        var (all, before, after) = (0, 0, 0);
        await SearchAsync("whole", (candidate, token) => Counted(ref all, candidate, token), whole);

        await Assert.ThrowsAsync<OperationCanceledException>(() => SearchAsync(
            "killed",
            (candidate, token) => ++before > Curves + 8
                ? throw new OperationCanceledException()
                : _scoring.ScoreAsync(candidate, token),
            resumed));
        await SearchAsync(
            "killed", (candidate, token) => Counted(ref after, candidate, token), resumed);

        // The curves and the first round are not asked again.
        Assert.InRange(after, 1, all - Curves - 3);
        Assert.Equal(
            await File.ReadAllTextAsync(Path.Combine(whole, SearchedSchedule.FileName)),
            await File.ReadAllTextAsync(Path.Combine(resumed, SearchedSchedule.FileName)));
    }

    [Fact]
    public async Task Candidate_delivered_again_is_answered_from_the_store()
    {
        EvaluateCandidate? first = null;
        double? fitness = null;
        await SearchAsync(
            "whole",
            async (candidate, token) =>
            {
                var score = await _scoring.ScoreAsync(candidate, token);
                if (Interlocked.CompareExchange(ref first, candidate, null) is null)
                    fitness = score;
                return score;
            },
            _jobs.Output("schedule"));
        // Without the model a second computation would fail.
        var store = Directory.GetFiles(_jobs.Folder, "*", SearchOption.AllDirectories);
        using var elsewhere = Scoring(new(_jobs.Objects, "/nowhere"));

        var again = await elsewhere.ScoreAsync(first!, CancellationToken.None);

        Assert.NotEmpty(store);
        Assert.Equal(fitness, again);
    }

    [Fact]
    public async Task Search_whose_kept_scores_and_probe_are_damaged_computes_them_anew()
    {
        var (whole, repaired) = (_jobs.Output("whole"), _jobs.Output("repaired"));
        EvaluateCandidate? last = null;
        var calls = 0;
        await SearchAsync("whole", _scoring.ScoreAsync, whole);
        await Assert.ThrowsAsync<OperationCanceledException>(() => SearchAsync(
            "damaged",
            (candidate, token) => ++calls > Curves + 8
                ? throw new OperationCanceledException()
                : _scoring.ScoreAsync(last = candidate, token),
            repaired));
        await DamageAsync(last!.Probe);
        var fitnesses = Path.Combine(_jobs.Folder, "objects", "names", "fitness");
        foreach (var name in Directory.GetFiles(fitnesses, "*", SearchOption.AllDirectories))
            await DamageAsync(JsonSerializer.Deserialize<ObjectRef>(
                await File.ReadAllTextAsync(name), JsonSerializerOptions.Web)!);

        await SearchAsync("damaged", _scoring.ScoreAsync, repaired);

        Assert.Equal(
            await File.ReadAllTextAsync(Path.Combine(whole, SearchedSchedule.FileName)),
            await File.ReadAllTextAsync(Path.Combine(repaired, SearchedSchedule.FileName)));
    }

    /// <summary>What is searched on, what the last choice is made on, and what an evaluation of the same run samples.
    /// </summary>
    [Fact]
    public async Task Search_last_choice_and_evaluation_have_noises_of_their_own()
    {
        EvaluateCandidate? last = null;
        await SearchAsync(
            "own", (candidate, token) => _scoring.ScoreAsync(last = candidate, token), _jobs.Output("own"));

        using var probe = Probe.Load(await _jobs.Artifacts.FetchAsync(last!.Probe, CancellationToken.None), CPU);
        using var evaluation = EqualNoise.Start(
            probe.Settings.Seed, 0, 8, probe.Noise.shape[1], probe.Noise.shape[2], probe.Noise.shape[3]);
        string[] all =
        [
            .. probe.Noise.unbind(0).Concat(evaluation.unbind(0))
                .Select(noise => Convert.ToHexString(noise.contiguous().bytes)),
        ];
        Assert.Equal(3 + 2 + 8, all.Distinct().Count());
    }

    [Theory]
    [InlineData("""{"stages": 7}""", "stages")]
    [InlineData("""{"level": 2}""", "budget")]
    [InlineData("""{"metric": "beauty"}""", "metric")]
    [InlineData("""{"start": "middle"}""", "hybrid, uniform, front, back, ramp, random")]
    [InlineData("""{"color": 1}""", "color")]
    [InlineData("""{"probes": 8, "screening": [4, 16]}""", "only 8")]
    [InlineData("""{"probes": 8, "screening": [4, 2]}""", "screening")]
    [InlineData("""{"trajectory": true, "metric": "img_ssim"}""", "trajectory")]
    [InlineData("""{"quantum": 0}""", "quantum")]
    [InlineData("""{"method": "solver", "steps": 20, "check-probes": 0}""", "check-probes")]
    public async Task Bad_option_is_named(string settings, string name)
    {
        var error = await Assert.ThrowsAnyAsync<ArgumentException>(
            () => SearchAsync("bad", _scoring.ScoreAsync, _jobs.Output("bad"), settings));

        Assert.Contains(name, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"macs": 0.01}""", "out of reach")]
    [InlineData("""{"macs": 0.01, "budget": "levels"}""", "out of reach")]
    [InlineData("""{"steps": 2}""", "2 sampler steps reach 2 of 3 stages")]
    [InlineData("""{"guidance": 3}""", "guidance 3 needs a model with a label")]
    public async Task What_cannot_be_searched_is_refused_before_anything_is_computed(string settings, string reason)
    {
        var error = await Assert.ThrowsAsync<InvalidDataException>(() => SearchAsync(
            "bad", (_, _) => throw new UnreachableException(), _jobs.Output("bad"), settings));

        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    private Task<double> Counted(ref int calls, EvaluateCandidate candidate, CancellationToken token)
    {
        Interlocked.Increment(ref calls);
        return _scoring.ScoreAsync(candidate, token);
    }

    private Task DamageAsync(ObjectRef reference) => File.WriteAllTextAsync(
        Path.Combine(_jobs.Folder, "objects", "sha256", reference.Sha256[..2], reference.Sha256), "damaged");

    private async Task SearchAsync(
        string key, ScoreCandidate score, string output, string settings = Settings, ObjectRef? other = null)
    {
        var model = other ?? await _jobs.ModelAsync(16);
        var inputs = new Dictionary<string, ObjectRef>
        {
            ["model"] = model,
            ["scores"] = await _jobs.ScoresAsync(model, stages: 3),
        };
        await new ScheduleSearcher(score, _compute).WriteAsync(
            _jobs.Context(settings, inputs, key), output, CancellationToken.None);
    }
}
