using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Mlops.Contracts;
using Mlops.Contracts.Commands;
using Mlops.Platform.Jobs;
using Mlops.Platform.Objects;
using Mlops.Pruning.Plans;
using Mlops.Pruning.Search;
using Mlops.ScheduleSearch;
using Mlops.ScheduleSearch.Probing;

namespace Mlops.Tests.Services.ScheduleSearch;

public sealed class ScheduleSearcherTests : IDisposable
{
    private const string Settings = """
        {"macs": 0.8, "probes": 2, "steps": 4, "generations": 3, "survivors": 2, "offspring": 3}
        """;

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
    public async Task Best_schedule_meets_the_macs_and_is_no_worse_than_the_uniform_one()
    {
        var output = _jobs.Output("schedule");

        await SearchAsync("whole", _scoring.ScoreAsync, output);

        var schedule = SearchedSchedule.Load(output);
        var plan = PlanFile.Load(output);
        Assert.True(schedule.Best.KeptRatio <= 0.8 && schedule.Best.KeptRatio > 0.6);
        Assert.Equal(schedule.Best.KeptRatio, plan.KeptRatio, 5e-13);
        Assert.True(schedule.Best.Fitness >= schedule.Uniform.Fitness);
        Assert.Equal(4, schedule.History.Count);
        Assert.Equal(schedule.Best.Levels[0], plan.Variants[plan.VariantAt(0)].Skip.Count);
        Assert.Equal("latent_mse/1 ddim4 n2 seed11", schedule.Protocol);
    }

    [Fact]
    public async Task Search_killed_within_a_generation_goes_on_and_ends_as_if_it_had_not_been()
    {
        var (whole, resumed) = (_jobs.Output("whole"), _jobs.Output("resumed"));
        await SearchAsync("whole", _scoring.ScoreAsync, whole);
        var (before, after) = (0, 0);

        await Assert.ThrowsAsync<OperationCanceledException>(() => SearchAsync(
            "killed",
            (candidate, token) => ++before > 7
                ? throw new OperationCanceledException()
                : _scoring.ScoreAsync(candidate, token),
            resumed));
        await SearchAsync(
            "killed",
            (candidate, token) =>
            {
                Interlocked.Increment(ref after);
                return _scoring.ScoreAsync(candidate, token);
            },
            resumed);

        var evaluations = SearchedSchedule.Load(whole).Evaluations;
        Assert.Equal(
            await File.ReadAllTextAsync(Path.Combine(whole, SearchedSchedule.FileName)),
            await File.ReadAllTextAsync(Path.Combine(resumed, SearchedSchedule.FileName)));
        Assert.InRange(after, 1, evaluations - 5);
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
            (candidate, token) => ++calls > 7
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

    [Theory]
    [InlineData("""{"stages": 7}""", "stages")]
    [InlineData("""{"level": 2}""", "budget")]
    [InlineData("""{"metric": "beauty"}""", "metric")]
    [InlineData("""{"color": 1}""", "color")]
    public async Task Bad_option_is_named(string settings, string name)
    {
        var error = await Assert.ThrowsAnyAsync<ArgumentException>(
            () => SearchAsync("bad", _scoring.ScoreAsync, _jobs.Output("bad"), settings));

        Assert.Contains(name, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ratio_out_of_reach_is_refused_with_the_least_one()
    {
        var error = await Assert.ThrowsAsync<InvalidDataException>(() => SearchAsync(
            "bad", _scoring.ScoreAsync, _jobs.Output("bad"), """{"macs": 0.01, "probes": 1, "steps": 2}"""));

        Assert.Contains("out of reach", error.Message, StringComparison.Ordinal);
    }

    private Task DamageAsync(ObjectRef reference) => File.WriteAllTextAsync(
        Path.Combine(_jobs.Folder, "objects", "sha256", reference.Sha256[..2], reference.Sha256), "damaged");

    private async Task SearchAsync(string key, ScoreCandidate score, string output, string settings = Settings)
    {
        var model = await _jobs.ModelAsync(16);
        var inputs = new Dictionary<string, ObjectRef>
        {
            ["model"] = model,
            ["scores"] = await _jobs.ScoresAsync(model, stages: 3),
        };
        await new ScheduleSearcher(score, _compute).WriteAsync(
            _jobs.Context(settings, inputs, key), output, CancellationToken.None);
    }
}
